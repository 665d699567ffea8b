import Kernels
import Tensors
import Testing

/// 4-bit codes, at the edges of their rule.
struct Int4Tests {
  private func group(_ values: [Float]) -> [Float] {
    values + [Float](repeating: 0, count: 32 - values.count)
  }

  private func encoded(
    _ values: [Float]
  ) -> (codes: [UInt8], scale: UInt16, outcome: RowOutcome) {
    var codes = [UInt8](repeating: 99, count: values.count / 2)
    var scales: [UInt16] = [99]
    var codeSpan = codes.mutableSpan
    var scaleSpan = scales.mutableSpan
    let outcome = Scalar.encodeInt4Groups(
      values.span, groupSize: values.count, into: &codeSpan, scales: &scaleSpan)
    return (codes, scales[0], outcome)
  }

  @Test(
    arguments: [
      (0x0000_0000, 0x0000, 0, 0x0000_0000), (0x8000_0000, 0x0000, 0, 0x0000_0000),
      (0x0000_0001, 0x8001, 0, 0x8000_0000), (0x8000_0001, 0x0001, 0, 0x0000_0000),
      (0xB480_0000, 0x0001, -4, 0xB480_0000), (0x3500_0000, 0x8001, -8, 0x3500_0000),
      (0xB540_0000, 0x0002, -6, 0xB540_0000), (0xB5A0_0000, 0x0002, -8, 0xB580_0000),
      (0x3F80_0000, 0xB000, -8, 0x3F80_0000), (0x3F80_1000, 0xB000, -8, 0x3F80_0000),
      (0x3F80_3000, 0xB002, -8, 0x3F80_4000), (0x48FF_EFFF, 0xFBFF, -8, 0x48FF_E000),
    ] as [(UInt32, UInt16, Int8, UInt32)])
  func `the extreme gives the scale, its code, and what that decodes to`(
    bits: UInt32, scale: UInt16, code: Int8, decoded: UInt32
  ) {
    let extreme = Float(bitPattern: bits)
    let found = encoded(group([extreme]))
    #expect(found.scale == scale)
    #expect(Int4.code(at: 0, in: found.codes.span) == code)
    #expect((Float(f16Bits: scale) * Float(code)).bitPattern == decoded)
    #expect(found.outcome.overflowed == 0)
  }

  @Test func `an extreme of 8 · 65520 or more has no scale`() {
    for value in [Float(bitPattern: 0x48FF_F000), -524160, .greatestFiniteMagnitude] {
      #expect(encoded(group([value])).outcome.overflowed == 1)
    }
    #expect(encoded(group([Float(524160).nextDown])).outcome.overflowed == 0)
  }

  @Test func `quotients are rounded to nearest, ties to even, and clamped`() {
    let values: [Float] = [
      -9, -8.5, -7.5, -6.5, -1.5, -0.5, -0.0, 0, 0.5, 1.5, 2.5, 6.5, 7.5, 8, 100,
    ]
    #expect(
      values.map { Scalar.int4Code($0, scale: 1) }
        == [-8, -8, -8, -6, -2, 0, 0, 0, 0, 2, 2, 6, 7, 7, 7])
    #expect(values.allSatisfy { Scalar.int4Code($0, scale: 0) == 0 })
  }

  @Test func `of two extremes the one of the lower column decides`() {
    let positive = encoded(group([8, -8]))
    #expect(positive.scale == 0xBC00)
    #expect(positive.codes[0] == 0xF0)
    let negative = encoded(group([-8, 8]))
    #expect(negative.scale == 0x3C00)
    #expect(negative.codes[0] == 0xF0)
  }

  @Test func `a group of zeros has scale +0 and codes 0`() {
    let zeros = encoded([Float](repeating: -0.0, count: 64))
    #expect(zeros.scale == 0)
    #expect(zeros.codes == [UInt8](repeating: 0x88, count: 32))
    #expect(zeros.outcome == RowOutcome())
  }

  @Test func `the low nibble is the even column's`() {
    #expect(Int4.byte(-8, 7) == 0xF0)
    #expect(Int4.byte(7, -8) == 0x0F)
    for byte in UInt8.min...UInt8.max {
      let bytes = [byte]
      let (even, odd) = (Int4.code(at: 0, in: bytes.span), Int4.code(at: 1, in: bytes.span))
      #expect(Int4.byte(even, odd) == byte)
      #expect(Int4.codes.contains(even) && Int4.codes.contains(odd))
    }
  }

  @Test func `codes that no writer makes decode to the product`() {
    func decoded(_ byte: UInt8, _ scale: UInt16) -> [Float] {
      var values = [Float](repeating: 99, count: 2)
      var span = values.mutableSpan
      Scalar.decodeInt4([byte].span, scale: Float(f16Bits: scale), into: &span)
      return values
    }
    #expect(decoded(0xF8, 0x7C00)[0].isNaN)
    #expect(decoded(0xF8, 0x7C00)[1] == .infinity)
    #expect(decoded(0x80, 0xFC00)[0] == .infinity)
    #expect(decoded(0x97, 0x8000).map(\.bitPattern) == [0, 0x8000_0000])
    #expect(decoded(0x00, 0x7E00).allSatisfy { $0.isNaN })
  }

  @Test func `a row that is not finite is not encoded`() {
    for intruder in [Float.nan, -.nan, .infinity, -.infinity] {
      #expect(!encoded(group([1, intruder])).outcome.isFinite)
    }
  }
}
