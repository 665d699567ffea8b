import Kernels
import Tensors
import Testing

struct NarrowingTests {
  @Test(arguments: edgeCounts)
  func `each element of a row is rounded in its place`(count: Int) {
    let values = anyFiniteValues(count, seed: 4)
    #expect(f16(values).bits == values.map(\.f16Bits))
    #expect(bf16(values).bits == values.map(\.bf16Bits))
  }

  @Test(arguments: edgeCounts)
  func `values in range overflow and underflow nowhere`(count: Int) {
    let values = (0..<count).map { Float($0) - 3.25 }
    #expect(f16(values).counts == F16Counts())
    #expect(bf16(values).overflowed == 0)
  }

  @Test(
    arguments: [
      (65504, false), (65519.996, false), (65520, true), (65536, true), (1e30, true),
      (.greatestFiniteMagnitude, true),
    ] as [(Float, Bool)])
  func `binary16 overflows from 65520 on`(value: Float, overflows: Bool) {
    for value in [value, -value] {
      let (bits, counts) = f16([1, value])
      #expect(counts.overflowed == (overflows ? 1 : 0))
      #expect((bits[1] & 0x7FFF == 0x7C00) == overflows)
      #expect(counts.underflowed == 0)
    }
  }

  @Test(
    arguments: [
      (0, false), (0x1p-14, false),
      // The tie between the greatest subnormal and the least normal value goes to the latter.
      (0x1.FFCp-15, false), (0x1.FFBFFEp-15, true), (0x1.FF8p-15, true), (0x1p-15, true),
      (0x1p-24, true), (0x1p-25, true), (0x1p-126, true), (0x1p-149, true),
    ] as [(Float, Bool)])
  func `a non-zero value whose binary16 is subnormal or zero counts as underflowed`(
    value: Float, underflows: Bool
  ) {
    for value in [value, -value] {
      let (bits, counts) = f16([1, value])
      #expect(counts.underflowed == (underflows ? 1 : 0))
      #expect((bits[1] & 0x7FFF < 0x0400) == (underflows || value == 0))
      #expect(counts.overflowed == 0)
    }
  }

  @Test(
    arguments: [
      (0x7F7F_0000, false), (0x7F7F_7FFF, false), (0x7F7F_8000, true), (0x7F7F_FFFF, true),
      (0x0000_0001, false),
    ] as [(UInt32, Bool)])
  func `bfloat16 overflows from half a unit above its greatest value on`(
    magnitude: UInt32, overflows: Bool
  ) {
    for bits in [magnitude, magnitude | 0x8000_0000] {
      let (rounded, overflowed) = bf16([1, Float(bitPattern: bits)])
      #expect(overflowed == (overflows ? 1 : 0))
      #expect((rounded[1] & 0x7FFF == 0x7F80) == overflows)
    }
  }

  @Test func `every one of many is counted`() {
    let values: [Float] = [1e6, -1e6, 0, 1e-7, -1e-9, 3, 1e5, 65504, -0.0, 0x1p-20, 2]
    let counts = f16(values).counts
    #expect(counts.overflowed == 3)
    #expect(counts.underflowed == 3)
    #expect(bf16([.greatestFiniteMagnitude, 1, -.greatestFiniteMagnitude]).overflowed == 2)
  }

  @Test func `the sign of zero is kept`() {
    #expect(f16([-0.0, 0, -0x1p-40]).bits == [0x8000, 0, 0x8000])
    #expect(bf16([-0.0, 0, -0x1p-149]).bits == [0x8000, 0, 0x8000])
  }

  private func f16(_ values: [Float]) -> (bits: [UInt16], counts: F16Counts) {
    var bits = [UInt16](repeating: 0x5555, count: values.count)
    var span = bits.mutableSpan
    let row = Scalar.encodeF16(values.span, into: &span)
    return (bits, F16Counts(overflowed: row.overflowed, underflowed: row.underflowed))
  }

  private func bf16(_ values: [Float]) -> (bits: [UInt16], overflowed: Int) {
    var bits = [UInt16](repeating: 0x5555, count: values.count)
    var span = bits.mutableSpan
    let row = Scalar.encodeBF16(values.span, into: &span)
    return (bits, row.overflowed)
  }

  private struct F16Counts: Equatable {
    var overflowed = 0
    var underflowed = 0
  }
}
