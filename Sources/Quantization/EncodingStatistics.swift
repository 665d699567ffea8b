public import Kernels

/// What encoding a tensor did to it.
public struct EncodingStatistics: Equatable, Sendable {
  /// The error against the source, over all rows.
  public var error = ErrorSums()
  /// int8: codes clamped to ±127, which happens only under subnormal scales.
  public private(set) var clamped = 0
  /// f16: non-zero values that became subnormal or zero.
  public private(set) var underflowed = 0
  /// Values, or scales, that became infinite.
  private var overflowed = 0
  /// The largest magnitude of the source.
  private var largest: Float = 0

  /// Whether every decoded value equals its source value.
  public var isExact: Bool { error.maxAbs == 0 }

  /// Nothing encoded.
  public init() {}

  /// Adds the next row; the sums depend on the order.
  public mutating func add(_ row: RowOutcome) {
    error.add(row.error)
    clamped += row.clamped
    underflowed += row.underflowed
    overflowed += row.overflowed
    largest = max(largest, row.largest)
  }

  /// Checks, after the last row, that nothing overflowed: one error names them all.
  ///
  /// - Throws: ``EncodingError/overflow(encoding:count:largest:)``,
  ///   ``EncodingError/scaleOverflow(encoding:count:largest:)``.
  public func checkOverflow(in encoding: Encoding) throws(EncodingError) {
    guard overflowed > 0 else { return }
    switch encoding {
    case .int8Row, .int8Group, .int4Group:
      throw .scaleOverflow(encoding: encoding, count: overflowed, largest: largest)
    case .f32, .bf16, .f16:
      throw .overflow(encoding: encoding, count: overflowed, largest: largest)
    }
  }
}

extension ErrorSums {
  /// The root mean square error over `count` elements.
  public func rootMeanSquare(count: Int) -> Double {
    count == 0 ? 0 : (sumSquaredError / Double(count)).squareRoot()
  }
}
