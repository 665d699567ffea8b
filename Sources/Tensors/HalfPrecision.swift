/// Half and bfloat16 values as bit patterns.
///
/// Bits rather than `Float16`, which Intel Macs lack; rounding is to nearest, ties to even, in
/// integer arithmetic (IEEE 754-2019 §4.3.1), so that every machine agrees.
extension Float {
  /// The value of a bfloat16 bit pattern, exactly.
  @inlinable
  public init(bf16Bits: UInt16) {
    self.init(bitPattern: UInt32(bf16Bits) << 16)
  }

  /// The nearest bfloat16; a NaN stays a quiet NaN.
  @inlinable
  public var bf16Bits: UInt16 {
    if isNaN { return UInt16(truncatingIfNeeded: bitPattern >> 16) | 0x40 }
    // Adding just under a half, plus one where the kept part is odd, carries exactly when the
    // nearest-even rule rounds up.
    let odd = (bitPattern >> 16) & 1
    return UInt16(truncatingIfNeeded: (bitPattern &+ 0x7FFF &+ odd) >> 16)
  }

  /// The value of a binary16 bit pattern, exactly.
  @inlinable
  public init(f16Bits: UInt16) {
    let sign = UInt32(f16Bits & 0x8000) << 16
    let exponent = UInt32(f16Bits >> 10) & 0x1F
    let fraction = UInt32(f16Bits & 0x3FF)
    switch exponent {
    case 0:
      // Subnormal: fraction · 2⁻²⁴, exact in binary32.
      let magnitude = Float(fraction) * 0x1p-24
      self.init(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest binary16; a magnitude of 65520 or more becomes infinite, a NaN stays a quiet
  /// NaN.
  @inlinable
  public var f16Bits: UInt16 {
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
    let magnitude = bitPattern & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 {
      return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x1FF
    }
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude >= 0x3880_0000 {
      // Normal: rebias the exponent from 127 to 15, then round off 13 bits of fraction.
      let rebiased = magnitude &- 112 << 23
      let odd = (rebiased >> 13) & 1
      return sign | UInt16(truncatingIfNeeded: (rebiased &+ 0xFFF &+ odd) >> 13)
    }
    // Subnormal or zero: adding 0.5 lets the FPU round at 2⁻²⁴, the last place of 0.5 in binary32.
    let rounded = Float(bitPattern: magnitude) + 0.5
    return sign | UInt16(truncatingIfNeeded: rounded.bitPattern &- Float(0.5).bitPattern)
  }
}
