extension Scalar {
  /// Σ weight · value, in order, multiply and add separately: one column of attention's values.
  public static func weightedSum(_ values: Span<Float>, _ weights: Span<Float>) -> Float {
    precondition(values.count == weights.count)
    var sum: Float = 0
    for index in values.indices {
      let product = values[index] * weights[index]
      sum += product
    }
    return sum
  }
}
