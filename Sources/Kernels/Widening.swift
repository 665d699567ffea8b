import Tensors

extension Scalar {
  /// Widens bfloat16 bits.
  public static func widenBF16(_ bits: Span<UInt16>, into values: inout MutableSpan<Float>) {
    precondition(bits.count == values.count)
    for index in bits.indices { values[index] = Float(bf16Bits: bits[index]) }
  }

  /// Widens binary16 bits.
  public static func widenF16(_ bits: Span<UInt16>, into values: inout MutableSpan<Float>) {
    precondition(bits.count == values.count)
    for index in bits.indices { values[index] = Float(f16Bits: bits[index]) }
  }
}
