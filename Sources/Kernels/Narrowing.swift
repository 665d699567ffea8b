import Tensors

extension Scalar {
  /// Rounds a row to binary16, nearest even.
  public static func encodeF16(
    _ values: Span<Float>, into bits: inout MutableSpan<UInt16>
  ) -> RowOutcome {
    for index in values.indices { bits[index] = values[index].f16Bits }
    var outcome = outcome(of: values, roundedTo: bits.span) { Float(f16Bits: $0) }
    for index in values.indices where values[index] != 0 {
      outcome.underflowed += bits[index] & 0x7FFF < 0x0400 ? 1 : 0
    }
    return outcome
  }

  /// Rounds a row to bfloat16, nearest even.
  public static func encodeBF16(
    _ values: Span<Float>, into bits: inout MutableSpan<UInt16>
  ) -> RowOutcome {
    for index in values.indices { bits[index] = values[index].bf16Bits }
    return outcome(of: values, roundedTo: bits.span) { Float(bf16Bits: $0) }
  }

  /// What rounding did, underflow apart.
  private static func outcome(
    of values: Span<Float>, roundedTo bits: Span<UInt16>, widen: (_ bits: UInt16) -> Float
  ) -> RowOutcome {
    precondition(values.count == bits.count)
    var outcome = RowOutcome(largest: largestMagnitude(values))
    var decoded = [Float](repeating: 0, count: values.count)
    for index in values.indices {
      decoded[index] = widen(bits[index])
      outcome.overflowed += decoded[index].isFinite ? 0 : 1
    }
    outcome.error = ErrorSums(decoded: decoded.span, source: values)
    return outcome
  }
}
