import Tensors

/// What became of values rounded to binary16.
public struct F16Counts: Equatable, Sendable {
  /// Finite values that became infinite.
  public var overflowed = 0
  /// Non-zero values that became subnormal or zero.
  public var underflowed = 0

  /// No values seen.
  public init() {}
}

/// Rounds finite values to binary16, nearest even.
///
/// - Returns: how many overflowed and underflowed.
public func narrowToF16(
  _ values: Span<Float>, into bits: inout MutableSpan<UInt16>
) -> F16Counts {
  precondition(values.count == bits.count)
  var counts = F16Counts()
  for index in values.indices {
    let rounded = values[index].f16Bits
    bits[index] = rounded
    let magnitude = rounded & 0x7FFF
    counts.overflowed &+= magnitude >= 0x7C00 ? 1 : 0
    counts.underflowed &+= magnitude < 0x0400 && values[index] != 0 ? 1 : 0
  }
  return counts
}

/// Rounds finite values to bfloat16, nearest even.
///
/// - Returns: how many became infinite.
public func narrowToBF16(
  _ values: Span<Float>, into bits: inout MutableSpan<UInt16>
) -> Int {
  precondition(values.count == bits.count)
  var overflowed = 0
  for index in values.indices {
    let rounded = values[index].bf16Bits
    bits[index] = rounded
    overflowed &+= rounded & 0x7FFF >= 0x7F80 ? 1 : 0
  }
  return overflowed
}
