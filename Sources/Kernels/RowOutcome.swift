/// What encoding one row did to it.
public struct RowOutcome: Equatable, Sendable {
  /// The error against the source.
  public var error = ErrorSums()
  /// int8: codes clamped to ±127, which happens only under subnormal scales.
  public var clamped = 0
  /// Finite values, or scales, that became infinite.
  public var overflowed = 0
  /// f16: non-zero values that became subnormal or zero.
  public var underflowed = 0
  /// The largest magnitude of the source by its bits: infinite or NaN where a value is, and then
  /// nothing else means anything.
  public var largest: Float = 0

  /// Nothing counted.
  public init(largest: Float = 0) {
    self.largest = largest
  }

  /// Whether every value of the source is finite.
  public var isFinite: Bool { largest.isFinite }
}
