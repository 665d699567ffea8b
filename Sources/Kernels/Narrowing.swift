import Tensors

extension Scalar {
  /// Rounds a row to binary16, nearest even.
  public static func encodeF16(
    _ values: Span<Float>, into bits: inout MutableSpan<UInt16>
  ) -> RowOutcome {
    precondition(values.count == bits.count)
    var outcome = RowOutcome()
    var decoded = [Float](repeating: 0, count: values.count)
    for index in values.indices {
      let rounded = values[index].f16Bits
      bits[index] = rounded
      decoded[index] = Float(f16Bits: rounded)
      let magnitude = rounded & 0x7FFF
      outcome.overflowed += magnitude >= 0x7C00 ? 1 : 0
      outcome.underflowed += magnitude < 0x0400 && values[index] != 0 ? 1 : 0
    }
    outcome.error = ErrorSums(decoded: decoded.span, source: values)
    outcome.largest = largestMagnitude(values)
    return outcome
  }

  /// Rounds a row to bfloat16, nearest even.
  public static func encodeBF16(
    _ values: Span<Float>, into bits: inout MutableSpan<UInt16>
  ) -> RowOutcome {
    precondition(values.count == bits.count)
    var outcome = RowOutcome()
    var decoded = [Float](repeating: 0, count: values.count)
    for index in values.indices {
      let rounded = values[index].bf16Bits
      bits[index] = rounded
      decoded[index] = Float(bf16Bits: rounded)
      outcome.overflowed += rounded & 0x7FFF >= 0x7F80 ? 1 : 0
    }
    outcome.error = ErrorSums(decoded: decoded.span, source: values)
    outcome.largest = largestMagnitude(values)
    return outcome
  }
}
