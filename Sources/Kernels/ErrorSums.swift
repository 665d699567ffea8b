/// The error of one decoded row against its source, in the prescribed order of summation.
public struct ErrorSums: Equatable, Sendable {
  /// max |Δ|, Δ = binary64(decoded) − binary64(source).
  public var maxAbs = 0.0
  /// Σ Δ².
  public var sumSquaredError = 0.0
  /// Σ source².
  public var sumSquaredSource = 0.0

  /// Nothing summed.
  public init() {}

  /// The sums over one row.
  ///
  /// Eight binary64 lanes, lane = column mod 8, multiply and add separately; lanes combine as
  /// ((0+1)+(2+3))+((4+5)+(6+7)). So every implementation gets the same bits, whatever its vector
  /// width (`formats/quantization.md`).
  ///
  /// - Parameters:
  ///   - decoded: what a reader of the pack gets.
  ///   - source: as many values.
  public init(decoded: Span<Float>, source: Span<Float>) {
    precondition(decoded.count == source.count)
    var largest = SIMD8<Double>()
    var errors = SIMD8<Double>()
    var squares = SIMD8<Double>()
    let whole = source.count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      var values = SIMD8<Double>()
      var deltas = SIMD8<Double>()
      for lane in 0..<8 {
        values[lane] = Double(source[start + lane])
        deltas[lane] = Double(decoded[start + lane])
      }
      deltas -= values
      errors += deltas * deltas
      squares += values * values
      largest = pointwiseMax(largest, pointwiseMax(deltas, -deltas))
    }
    for column in whole..<source.count {
      let value = Double(source[column])
      let delta = Double(decoded[column]) - value
      errors[column - whole] += delta * delta
      squares[column - whole] += value * value
      largest[column - whole] = max(largest[column - whole], delta.magnitude)
    }
    maxAbs = largest.max()
    sumSquaredError = Self.combined(errors)
    sumSquaredSource = Self.combined(squares)
  }

  private static func combined(_ lanes: SIMD8<Double>) -> Double {
    ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
      + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
  }

  /// Adds the sums of the next row; rows are added in row order.
  public mutating func add(_ row: ErrorSums) {
    maxAbs = max(maxAbs, row.maxAbs)
    sumSquaredError += row.sumSquaredError
    sumSquaredSource += row.sumSquaredSource
  }
}
