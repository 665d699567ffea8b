import TestSupport
import Tensors
import Testing

struct HalfPrecisionTests {
  // MARK: - Golden vectors

  @Test func `every bfloat16 rounds to the binary16 that numpy gives`() throws {
    let expected = try halves("vectors/bf16_to_f16.u16")
    #expect(expected.count == 65536)
    let found = (0...UInt16.max).map { Float(bf16Bits: $0).f16Bits }
    #expect(differences(found, expected) == [])
  }

  @Test func `each midpoint of two binary16 values and its neighbours round as numpy has them`()
    throws
  {
    let expected = try halves("vectors/f32_to_f16.u16")
    #expect(expected.count == 31744 * 3)
    var found: [UInt16] = []
    for bits in UInt16(0)..<31744 {
      let midpoint = midpointAbove(bits)
      found += [midpoint.nextDown.f16Bits, midpoint.f16Bits, midpoint.nextUp.f16Bits]
    }
    #expect(differences(found, expected) == [])
  }

  @Test func `a negative value rounds to the negative of what its magnitude does`() {
    let magnitudes = (UInt16(0)..<31744).flatMap { bits in
      [midpointAbove(bits).nextDown, midpointAbove(bits), midpointAbove(bits).nextUp]
    }
    #expect(magnitudes.filter { (-$0).f16Bits != $0.f16Bits | 0x8000 } == [])
    #expect(magnitudes.filter { (-$0).bf16Bits != $0.bf16Bits | 0x8000 } == [])
  }

  @Test func `twenty thousand binary32 values round to the bfloat16 that numpy gives`() throws {
    let bytes = try Fixtures.bytes("vectors/f32_to_bf16.u32u16")
    #expect(bytes.count == 6 * 20000)
    let wrong = stride(from: 0, to: bytes.count, by: 6).filter { offset in
      let value = Float(bitPattern: bytes[offset..<offset + 4].littleEndian(as: UInt32.self))
      let expected = bytes[offset + 4..<offset + 6].littleEndian(as: UInt16.self)
      return value.bf16Bits != expected
    }
    #expect(wrong == [])
  }

  // MARK: - Widening

  @Test func `every finite binary16 pattern means sign times a whole number of units`() {
    // IEEE 754-2019 §3.4: (−1)^s · 2^(max(e, 1) − 25) · (m + 1024 unless e is 0), here in binary64.
    let wrong = (0...UInt16.max).filter { bits in
      let exponent = Int(bits >> 10 & 0x1F)
      guard exponent < 31 else { return false }
      let units = Double(bits & 0x3FF) + (exponent == 0 ? 0 : 1024)
      let magnitude = Double(sign: .plus, exponent: max(exponent, 1) - 25, significand: units)
      let expected = bits < 0x8000 ? magnitude : -magnitude
      let found = Double(Float(f16Bits: bits))
      return found != expected || (found.sign == .minus) != (bits >= 0x8000)
    }
    #expect(wrong == [])
  }

  @Test func `the highest exponent of binary16 means infinity, or NaN with its payload`() {
    #expect(Float(f16Bits: 0x7C00) == .infinity)
    #expect(Float(f16Bits: 0xFC00) == -.infinity)
    let patterns = (0x7C01...0x7FFF).flatMap { [UInt16($0), UInt16($0) | 0x8000] }
    let wrong = patterns.filter { bits in
      let value = Float(f16Bits: bits)
      let expected = UInt32(bits & 0x8000) << 16 | 0x7F80_0000 | UInt32(bits & 0x3FF) << 13
      return !value.isNaN || value.bitPattern != expected
    }
    #expect(wrong == [])
  }

  @Test func `a bfloat16 pattern is the upper half of its binary32`() {
    let wrong = (0...UInt16.max).filter {
      Float(bf16Bits: $0).bitPattern != UInt32($0) << 16
    }
    #expect(wrong == [])
  }

  // MARK: - Round trips

  @Test func `widening and narrowing gives every finite binary16 and infinity back`() {
    let values = (0...UInt16.max).filter { $0 & 0x7FFF <= 0x7C00 }
    #expect(values.filter { Float(f16Bits: $0).f16Bits != $0 } == [])
  }

  @Test func `widening and narrowing gives every finite bfloat16 and infinity back`() {
    let values = (0...UInt16.max).filter { $0 & 0x7FFF <= 0x7F80 }
    #expect(values.filter { Float(bf16Bits: $0).bf16Bits != $0 } == [])
  }

  // MARK: - Edges

  @Test(
    arguments: [
      (0x0000_0000, 0x0000), (0x8000_0000, 0x8000),
      // Half the least subnormal is a tie with zero, and one step more is not.
      (0x3300_0000, 0x0000), (0x3300_0001, 0x0001), (0xB300_0000, 0x8000), (0xB300_0001, 0x8001),
      // The greatest subnormal, and the tie above it that rounds to the least normal.
      (0x387F_C000, 0x03FF), (0x387F_E000, 0x0400), (0x3880_0000, 0x0400),
      // 65504 is the greatest; 65520 is the tie with 65536, which is infinity.
      (0x477F_E000, 0x7BFF), (0x477F_EFFF, 0x7BFF), (0x477F_F000, 0x7C00), (0xC77F_F000, 0xFC00),
      (0x7F7F_FFFF, 0x7C00), (0x7F80_0000, 0x7C00), (0x0000_0001, 0x0000), (0x807F_FFFF, 0x8000),
    ] as [(UInt32, UInt16)])
  func `binary16 keeps the sign of zero, ties to even and overflows from 65520`(
    bits: UInt32, expected: UInt16
  ) {
    #expect(Float(bitPattern: bits).f16Bits == expected)
  }

  @Test(
    arguments: [
      (0x0000_0000, 0x0000), (0x8000_0000, 0x8000), (0x0000_8000, 0x0000), (0x0000_8001, 0x0001),
      (0x0001_8000, 0x0002), (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x7F7F_7FFF, 0x7F7F),
      (0x7F7F_8000, 0x7F80), (0xFF7F_FFFF, 0xFF80), (0x7F80_0000, 0x7F80),
    ] as [(UInt32, UInt16)])
  func `bfloat16 keeps the sign of zero, ties to even and overflows at its last half unit`(
    bits: UInt32, expected: UInt16
  ) {
    #expect(Float(bitPattern: bits).bf16Bits == expected)
  }

  @Test(
    arguments: [
      0x7F80_0001, 0x7F80_FFFF, 0x7FBF_FFFF, 0x7FC0_0000, 0x7FFF_FFFF, 0xFF80_0001, 0xFFFF_FFFF,
    ] as [UInt32])
  func `a NaN stays a quiet NaN of its sign`(bits: UInt32) {
    let value = Float(bitPattern: bits)
    let sign = UInt16(bits >> 16) & 0x8000
    #expect(value.f16Bits & 0xFE00 == sign | 0x7E00)
    #expect(value.bf16Bits & 0xFFC0 == sign | 0x7FC0)
  }

  // MARK: - Helpers

  private func halves(_ name: String) throws -> [UInt16] {
    let bytes = try Fixtures.bytes(name)
    return stride(from: 0, to: bytes.count, by: 2).map {
      bytes[$0..<$0 + 2].littleEndian(as: UInt16.self)
    }
  }

  /// The value halfway from a finite binary16 to its successor, 65536 after the greatest.
  private func midpointAbove(_ bits: UInt16) -> Float {
    let successor = bits == 0x7BFF ? 65536 : Float(f16Bits: bits + 1)
    return (Float(f16Bits: bits) + successor) / 2
  }

  /// The indices at which two lists differ.
  private func differences(_ found: [UInt16], _ expected: [UInt16]) -> [Int] {
    #expect(found.count == expected.count)
    return zip(found, expected).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func littleEndian<Integer: FixedWidthInteger>(as _: Integer.Type) -> Integer {
    reversed().reduce(0) { $0 << 8 | Integer($1) }
  }
}
