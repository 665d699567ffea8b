public import Kernels

/// What encoding a tensor did to it.
public struct EncodingStatistics: Equatable, Sendable {
  /// The error against the source, over all rows.
  public var error = ErrorSums()
  /// int8: codes clamped to ±127, which happens only under subnormal scales.
  public var clamped = 0
  /// f16: non-zero values that became subnormal or zero.
  public var underflowed = 0
  /// Values, or scales, that became infinite.
  var overflowed = 0
  /// The largest magnitude seen since something overflowed.
  var largest: Float = 0

  /// Whether every decoded value equals its source value.
  public var isExact: Bool { error.maxAbs == 0 }

  /// Nothing encoded.
  public init() {}
}

extension ErrorSums {
  /// The root mean square error over `count` elements.
  public func rootMeanSquare(count: Int) -> Double {
    count == 0 ? 0 : (sumSquaredError / Double(count)).squareRoot()
  }
}
