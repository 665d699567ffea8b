import Kernels
import TestSupport
import Testing

struct Int8Tests {
  // MARK: - Encoding

  @Test(arguments: edgeCounts)
  func `each code is the rounded quotient, at any count`(count: Int) {
    var generator = SeededGenerator(seed: 5)
    let values = (0..<count).map { _ in Float.random(in: -3...3, using: &generator) }
    let scale: Float = 3 / 127
    let (codes, clamped) = encode(values, scale: scale)
    #expect(codes == values.map { Int8(($0 / scale).rounded(.toNearestOrEven)) })
    #expect(clamped == 0)
  }

  @Test(arguments: [1, 0x1p-7, 0x1.33p-7, 0x1p-120, 0x1p100] as [Float])
  func `a quotient halfway between two codes goes to the even one`(scale: Float) {
    // Exact: a scale of 16 bits times a number of 8.
    let halves = (-127..<127).map { (Float($0) + 0.5) * scale }
    let even = (-127..<127).map { Int8($0.isMultiple(of: 2) ? $0 : $0 + 1) }
    #expect(encode(halves, scale: scale).codes == even)
    let below = (-127..<127).map { Int8($0) }
    #expect(encode(halves.map(\.nextDown), scale: scale).codes == below)
    let above = (-127..<127).map { Int8($0 + 1) }
    #expect(encode(halves.map(\.nextUp), scale: scale).codes == above)
  }

  @Test func `the value is divided by the scale, not multiplied by its reciprocal`() {
    // A binary16 scale; the quotient is the tie −125.5, the product is above it.
    let scale: Float = 0x1.33p-7
    let value = -125.5 * scale
    #expect((value * (1 / scale)).rounded(.toNearestOrEven) == -125)
    #expect(encode([value], scale: scale).codes == [-126])
  }

  @Test func `every code from −127 to 127 decodes and encodes to itself`() {
    let codes = Array(Int8(-127)...127)
    for scale in [1, 0.0087, 0x1p-24, 65504, 0x1p-149] as [Float] {
      let (again, clamped) = encode(decode(codes, scale: scale), scale: scale)
      #expect(again == codes)
      #expect(clamped == 0)
    }
  }

  @Test(arguments: edgeCounts)
  func `a scale of zero gives code 0 for every value and clamps none`(count: Int) {
    let values = (0..<count).map { $0.isMultiple(of: 2) ? Float(0x1p-149) : -0x1p-149 }
    let (codes, clamped) = encode(values, scale: 0)
    #expect(codes == Array(repeating: 0, count: count))
    #expect(clamped == 0)
  }

  @Test func `zero, minus zero and what rounds to them have code 0, decoded as plus zero`() {
    let (codes, _) = encode([0, -0.0, 0.25, -0.25, 0.5, -0.5], scale: 1)
    #expect(codes == [0, 0, 0, 0, 0, 0])
    #expect(decode(codes, scale: 1).allSatisfy { $0 == 0 && $0.sign == .plus })
  }

  @Test(
    arguments: [
      // In units of 2⁻¹⁴⁹, under a scale of two of them: 254 is the last that fits.
      (253, 126, 0), (254, 127, 0), (255, 127, 1), (256, 127, 1), (1000, 127, 1),
    ] as [(Int, Int8, Int)])
  func `a code beyond 127 under a subnormal scale is clamped and counted`(
    units: Int, code: Int8, count: Int
  ) {
    let value = Float(units) * 0x1p-149
    let (codes, clamped) = encode([0, value, -value, 0x1p-149], scale: 0x1p-148)
    #expect(codes == [0, code, -code, 0])
    #expect(clamped == 2 * count)
  }

  @Test(
    arguments: [
      (127.49999, 0), (127.5, 1), (128, 1), (1e10, 1), (.greatestFiniteMagnitude, 1),
    ] as [(Float, Int)])
  func `a quotient counts as clamped from 127½ on, where it rounds to 128`(
    value: Float, count: Int
  ) {
    let (codes, clamped) = encode([value, -value], scale: 1)
    #expect(codes == [127, -127])
    #expect(clamped == 2 * count)
  }

  @Test func `a quotient that overflows to infinity is clamped too`() {
    let (codes, clamped) = encode([1e10, -1e10], scale: 0x1p-149)
    #expect(codes == [127, -127])
    #expect(clamped == 2)
  }

  // MARK: - Decoding

  @Test(arguments: edgeCounts)
  func `each value is the exact product rounded once, at any count`(count: Int) {
    let codes = (0..<count).map { Int8(truncatingIfNeeded: ($0 &* 89) % 255 - 127) }
    for scale in [0, 1, 0.1, 0x1.FFFFFEp-3, 0x1p-149, 0x1.000002p-126, 65504] as [Float] {
      // 24 bits times 7 fit binary64, so the second rounding is the only one.
      let expected = codes.map { Float(Double(scale) * Double($0)) }
      #expect(decode(codes, scale: scale) == expected)
    }
  }

  // MARK: - Misuse

  @Test func `spans of unequal counts trap`() async {
    await #expect(processExitsWith: .failure) {
      var codes = [Int8](repeating: 0, count: 3)
      var span = codes.mutableSpan
      _ = Scalar.encodeInt8([1, 2].span, scale: 1, into: &span)
    }
  }

  // MARK: - Helpers

  private func encode(_ values: [Float], scale: Float) -> (codes: [Int8], clamped: Int) {
    var codes = [Int8](repeating: 99, count: values.count)
    var span = codes.mutableSpan
    let clamped = Scalar.encodeInt8(values.span, scale: scale, into: &span)
    return (codes, clamped)
  }

  private func decode(_ codes: [Int8], scale: Float) -> [Float] {
    var values = [Float](repeating: -99, count: codes.count)
    var span = values.mutableSpan
    Scalar.decodeInt8(codes.span, scale: scale, into: &span)
    return values
  }
}
