import TestSupport

/// Counts of elements around the widths that vector loops have.
let edgeCounts = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 127, 128]

/// Finite values of any magnitude and sign, zeros and subnormals among them.
func anyFiniteValues(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in
    let bits = UInt32.random(in: 0...UInt32.max, using: &generator)
    switch bits % 16 {
    case 0: return bits < 0x8000_0000 ? 0 : -0.0
    case 1: return Float(bitPattern: bits & 0x807F_FFFF)
    default:
      let value = Float(bitPattern: bits)
      return value.isFinite ? value : 1
    }
  }
}
