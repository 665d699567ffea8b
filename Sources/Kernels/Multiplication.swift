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

  /// The columns over which products of codes are summed as whole numbers, at most.
  static let blockColumns = 512

  /// The product of a row of 8-bit codes with a vector in fixed point.
  ///
  /// Each run of columns has one scale and is cut into blocks of at most 512 columns. Over a block,
  /// codes times the vector's high and low parts are summed as whole numbers in eight lanes, lane =
  /// (column mod 16) / 2 from the block's first column; each takes its scale as
  /// (high · 2¹⁵ + low) · scale in binary32. At the end lanes are combined in halves, and the sum is
  /// multiplied with the vector's unit.
  ///
  /// - Parameters:
  ///   - codes: the row.
  ///   - scales: one for each run, which all have the same length.
  ///   - x: the vectors.
  ///   - vector: which of them.
  /// - Returns: the product.
  public static func dot(
    _ codes: Span<Int8>, scales: [Float], _ x: FixedPointVectors, vector: Int
  ) -> Float {
    precondition(codes.count == x.columns && codes.count.isMultiple(of: scales.count))
    let (run, offset) = (codes.count / scales.count, vector * x.stride)
    var lanes = [Float](repeating: 0, count: 8)
    for (index, scale) in scales.enumerated() {
      for start in stride(from: index * run, to: (index + 1) * run, by: blockColumns) {
        var (high, low) = ([Int32](repeating: 0, count: 8), [Int32](repeating: 0, count: 8))
        for column in start..<min(start + blockColumns, (index + 1) * run) {
          let lane = (column - start) % 16 / 2
          high[lane] += Int32(codes[column]) * Int32(x.high[offset + column])
          low[lane] += Int32(codes[column]) * Int32(x.low[offset + column])
        }
        for lane in lanes.indices {
          let sum = Float(high[lane]) * 0x1p15 + Float(low[lane])
          lanes[lane] += sum * scale
        }
      }
    }
    for half in [4, 2, 1] {
      for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    return lanes[0] * x.units[vector]
  }
}
