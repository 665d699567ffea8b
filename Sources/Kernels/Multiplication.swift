import Tensors

extension Scalar {
  /// The product of a row of weights with a vector.
  ///
  /// Sixteen binary32 lanes, lane = column mod 16, multiply and add separately; lanes are combined
  /// in halves: i with i + 8, then i + 4, then i + 2, then the two that are left.
  public static func dot(_ weights: Span<Float>, _ x: Span<Float>) -> Float {
    precondition(weights.count == x.count)
    var lanes = [Float](repeating: 0, count: 16)
    for column in weights.indices {
      let product = weights[column] * x[column]
      lanes[column % 16] += product
    }
    for half in [8, 4, 2, 1] {
      for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    return lanes[0]
  }
}
