public import Kernels
public import Tensors

/// How one tensor differs between two models.
public struct TensorDifference: Sendable {
  /// What was found.
  public enum Finding: Sendable {
    /// It is in the first model only.
    case missing
    /// It is in the second model only.
    case extra
    /// It has other dimensions.
    case shape(Shape, Shape)
    /// Values of one of its types are not read.
    case unreadable
    /// Its values were compared.
    case values(Comparison)
  }

  /// The values of one tensor in two models.
  public struct Comparison: Sendable {
    /// The dimensions of both.
    public let shape: Shape
    /// The second's values against the first's; not finite where one of them is not.
    public let sums: ErrorSums
    /// The first element that differs, in row-major order.
    public let firstDifference: Int?
    /// Whether both have the same values in another order, for example from a transposed array
    /// whose memory was stored as it lay.
    public let isReordered: Bool
  }

  /// The tensor.
  public let name: String
  /// Its dtype or encoding in the first model; nil if it is missing.
  public let firstType: String?
  /// The same in the second.
  public let secondType: String?
  /// What was found.
  public let finding: Finding

  /// Whether it differs by more than `tolerance`, an absolute difference of values.
  public func exceeds(_ tolerance: Double) -> Bool {
    switch finding {
    case .missing, .extra, .shape, .unreadable: true
    case .values(let comparison):
      comparison.firstDifference != nil && !(comparison.sums.maxAbs <= tolerance)
    }
  }

  /// How badly it differs: what cannot be compared first, then noise over signal.
  var damage: Double {
    guard case .values(let comparison) = finding else { return .infinity }
    guard comparison.firstDifference != nil else { return 0 }
    let ratio = comparison.sums.sumSquaredError / comparison.sums.sumSquaredSource
    return ratio.isNaN ? .greatestFiniteMagnitude : min(ratio, .greatestFiniteMagnitude)
  }
}
