/// The dimensions of a tensor, outermost first, with a count of elements that fits an `Int`.
///
/// Dimensions are 64-bit unsigned as in safetensors, where a tensor of no elements may name
/// dimensions beyond `Int.max`; a value that exists has a valid ``elementCount``.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// The dimensions, outermost first; none for a scalar.
  public let dimensions: [UInt64]
  /// The product of the dimensions; 1 for a scalar.
  public let elementCount: Int

  /// A shape from what a file says.
  ///
  /// The product is taken from left to right, as the `safetensors` package does: `[0, 2⁶³, 4]` is
  /// a tensor of no elements, `[2⁶³, 4, 0]` overflows.
  ///
  /// - Throws: ``SizeError/overflow``.
  public init(_ dimensions: [UInt64]) throws(SizeError) {
    var product: UInt64 = 1
    for dimension in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow { throw .overflow }
      product = next
    }
    guard let count = Int(exactly: product) else { throw .overflow }
    self.dimensions = dimensions
    self.elementCount = count
  }

  /// A shape whose product the caller has bounded.
  public init(_ dimensions: Int...) {
    self.dimensions = dimensions.map { UInt64($0) }
    self.elementCount = dimensions.reduce(1, *)
  }

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The elements of one row: the innermost dimension; 1 for a scalar, 0 where there are none.
  public var columns: Int {
    guard elementCount > 0, let last = dimensions.last else { return elementCount }
    return Int(last)
  }

  /// The number of rows: all elements over ``columns``.
  public var rows: Int { columns == 0 ? 0 : elementCount / columns }

  /// The dimensions as a list in brackets, the way NumPy and PyTorch print them.
  public var description: String { Self.text(of: dimensions) }

  /// Dimensions as a list in brackets, at most 16 of them.
  public static func text(of dimensions: [UInt64]) -> String {
    let shown = dimensions.prefix(16).map { String($0) } + (dimensions.count > 16 ? ["…"] : [])
    return "[" + shown.joined(separator: ", ") + "]"
  }
}
