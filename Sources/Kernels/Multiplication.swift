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

  /// A vector in fixed point: an element is (high · 2¹⁵ + low) · unit, -2¹⁴ ≤ low < 2¹⁴.
  ///
  /// An element is a whole number of units, rounded to nearest, ties to even. The unit is the power of
  /// two that makes the largest magnitude at least 2²⁸ and less than 2²⁹, so that an element is off by
  /// at most 2⁻²⁹ of the largest: less than binary32 rounds the largest itself.
  public struct FixedPoint: Equatable, Sendable {
    /// The high parts.
    public private(set) var high: [Int16]
    /// The low parts.
    public private(set) var low: [Int16]
    /// Not a number where an element is not finite.
    public private(set) var unit: Float

    /// A vector in fixed point.
    public init(_ x: Span<Float>) {
      high = Array(repeating: 0, count: x.count)
      low = high
      unit = .nan
      let largest = largestMagnitude(x)
      guard largest.isFinite else { return }
      // Both the unit and its reciprocal are normal numbers.
      let shift = largest == 0 ? 0 : min(28 - Int(largest.exponent), 126)
      let factor = Float(sign: .plus, exponent: shift, significand: 1)
      unit = Float(sign: .plus, exponent: -shift, significand: 1)
      for index in x.indices {
        let value = Int32((x[index] * factor).rounded(.toNearestOrEven))
        let upper = (value + (1 << 14)) >> 15
        high[index] = Int16(truncatingIfNeeded: upper)
        low[index] = Int16(truncatingIfNeeded: value - (upper << 15))
      }
    }
  }

  /// The columns over which products of codes are summed as whole numbers, at most.
  static let blockColumns = 256

  /// The product of a row of 8-bit codes with a vector in fixed point.
  ///
  /// Each run of columns has one scale and is cut into blocks of at most 256 columns. Over a block,
  /// codes times the vector's high and low parts are summed as whole numbers; the block's product is
  /// (high · 2¹⁵ + low) · scale in binary32, and is added in lane (block mod 8). At the end lanes are
  /// combined in halves, and the sum is multiplied with the vector's unit.
  ///
  /// - Parameters:
  ///   - codes: the row.
  ///   - scales: one for each run, which all have the same length.
  ///   - x: the vector.
  /// - Returns: the product.
  public static func dot(_ codes: Span<Int8>, scales: [Float], _ x: FixedPoint) -> Float {
    precondition(codes.count == x.high.count && codes.count.isMultiple(of: scales.count))
    let run = codes.count / scales.count
    var lanes = [Float](repeating: 0, count: 8)
    var block = 0
    for (index, scale) in scales.enumerated() {
      for start in stride(from: index * run, to: (index + 1) * run, by: blockColumns) {
        var (high, low): (Int32, Int32) = (0, 0)
        for column in start..<min(start + blockColumns, (index + 1) * run) {
          high += Int32(codes[column]) * Int32(x.high[column])
          low += Int32(codes[column]) * Int32(x.low[column])
        }
        let total = Float(high) * 0x1p15 + Float(low)
        lanes[block % 8] += total * scale
        block += 1
      }
    }
    for half in [4, 2, 1] {
      for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    return lanes[0] * x.unit
  }
}
