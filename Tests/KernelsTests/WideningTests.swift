import Kernels
import Tensors
import Testing

struct WideningTests {
  @Test(arguments: edgeCounts)
  func `each element of a row is widened in its place`(count: Int) {
    let bits = (0..<count).map { UInt16(truncatingIfNeeded: $0 &* 40503 &+ 77) }
    let bf16 = widened(bits) { Scalar.widenBF16($0, into: &$1) }
    #expect(bf16.map(\.bitPattern) == bits.map { UInt32($0) << 16 })
    let f16 = widened(bits) { Scalar.widenF16($0, into: &$1) }
    #expect(f16.map(\.bitPattern) == bits.map { Float(f16Bits: $0).bitPattern })
  }

  @Test func `known patterns have their values`() {
    let f16: [UInt16] = [0x0000, 0x8000, 0x3C00, 0xC000, 0x3555, 0x7BFF, 0x0001, 0x0400]
    #expect(
      widened(f16) { Scalar.widenF16($0, into: &$1) }
        == [0, -0.0, 1, -2, 0.33325195, 65504, 0x1p-24, 0x1p-14])
    let bf16: [UInt16] = [0x0000, 0x8000, 0x3F80, 0xC000, 0x3EAB, 0x7F7F, 0x0001, 0x0080]
    #expect(
      widened(bf16) { Scalar.widenBF16($0, into: &$1) }
        == [0, -0.0, 1, -2, 0.33398438, 0x1.FEp127, 0x1p-133, 0x1p-126])
  }

  private func widened(
    _ bits: [UInt16], _ widen: (Span<UInt16>, inout MutableSpan<Float>) -> Void
  ) -> [Float] {
    var values = [Float](repeating: -99, count: bits.count)
    var span = values.mutableSpan
    widen(bits.span, &span)
    return values
  }
}
