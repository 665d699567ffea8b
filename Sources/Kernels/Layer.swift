extension Scalar {
  /// eˣ in binary32: x = n · ln 2 + r, a polynomial of r (Cephes, `expf.c`), and 2ⁿ.
  ///
  /// Within one unit in the last place where the result is normal, and 0 below.
  public static func exponential(_ x: Float) -> Float {
    if x.isNaN { return .nan }
    if x < -0x1.5d589ep6 { return 0 }
    if x > 0x1.62e42ep6 { return .infinity }
    let scaled = x * 0x1.715476p0
    // Adding 1.5 · 2²³ leaves the nearest whole number.
    let n = (scaled + 0x1.8p23) - 0x1.8p23
    // ln 2 in two parts, the first of which times n is exact.
    let (whole, rest) = (n * 0x1.63p-1, n * -0x1.bd0106p-13)
    let r = (x - whole) - rest
    var p: Float = 0x1.a0d2cep-13
    for coefficient: Float in [
      0x1.6e879cp-10, 0x1.1112e0p-7, 0x1.555346p-5, 0x1.555556p-3, 0x1.000000p-1,
    ] {
      let product = p * r
      p = product + coefficient
    }
    let square = r * r
    p = p * square
    p = (p + r) + 1
    // In two steps, as 2¹²⁸ has no binary32.
    let half = Int(n) >> 1
    p *= Float(sign: .plus, exponent: half, significand: 1)
    return p * Float(sign: .plus, exponent: Int(n) - half, significand: 1)
  }

  /// x · rsqrt(mean(x²) + ε) · weight.
  ///
  /// Squares are summed in binary64, in eight lanes, lane = column mod 8, which are combined in halves.
  public static func normalized(
    _ x: Span<Float>, _ weight: Span<Float>, epsilon: Float
  ) -> [Float] {
    var lanes = [Double](repeating: 0, count: 8)
    for column in x.indices { lanes[column % 8] += Double(x[column]) * Double(x[column]) }
    for half in [4, 2, 1] {
      for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    let scale = 1 / (Float(lanes[0] / Double(x.count)) + epsilon).squareRoot()
    return x.indices.map { x[$0] * scale * weight[$0] }
  }

  /// silu(gate) · up = gate / (1 + e^−gate) · up.
  public static func gated(_ gate: Float, _ up: Float) -> Float {
    gate / (1 + exponential(-gate)) * up
  }

  /// The attention of one query over keys and values `[entries, size]`, `size` being the query's.
  ///
  /// Keys are taken in blocks of 32. A block's scores are ``dot(_:_:)`` times the scale; m is the
  /// largest score so far, and what has been summed is multiplied with e^(m before − m). Weights
  /// e^(score − m) are summed in 32 lanes, combined in halves; weighted values are added in order,
  /// multiply and add separately. Milakov and Gimelshein, arXiv 1805.02867.
  public static func attention(
    _ query: Span<Float>, _ keys: Span<Float>, _ values: Span<Float>, scale: Float
  ) -> [Float] {
    let (size, count) = (query.count, keys.count / query.count)
    var output = [Float](repeating: 0, count: size)
    var (largest, sum): (Float, Float) = (-.infinity, 0)
    for first in stride(from: 0, to: count, by: 32) {
      let block = first..<min(first + 32, count)
      let scores = block.map { key in
        dot(keys.extracting(key * size..<(key + 1) * size), query) * scale
      }
      let now = max(largest, scores.max() ?? largest)
      let correction = exponential(largest - now)
      var lanes =
        scores.map { exponential($0 - now) } + Array(repeating: 0, count: 32 - scores.count)
      for column in 0..<size {
        var total = output[column] * correction
        for (index, key) in block.enumerated() {
          let product = values[key * size + column] * lanes[index]
          total += product
        }
        output[column] = total
      }
      for half in [16, 8, 4, 2, 1] {
        for lane in 0..<half { lanes[lane] += lanes[lane + half] }
      }
      sum = sum * correction + lanes[0]
      largest = now
    }
    return output.map { $0 / sum }
  }
}
