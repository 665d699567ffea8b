import Kernels
import TestSupport
import Testing

struct ErrorSumsTests {
  /// The rule of `formats/quantization.md` §7, word for word.
  private func transcription(decoded: [Float], source: [Float]) -> ErrorSums {
    var result = ErrorSums()
    var errors = [Double](repeating: 0, count: 8)
    var squares = [Double](repeating: 0, count: 8)
    for column in source.indices {
      let delta = Double(decoded[column]) - Double(source[column])
      let errorSquare = delta * delta
      let sourceSquare = Double(source[column]) * Double(source[column])
      errors[column % 8] = errors[column % 8] + errorSquare
      squares[column % 8] = squares[column % 8] + sourceSquare
      result.maxAbs = max(result.maxAbs, abs(delta))
    }
    result.sumSquaredError =
      ((errors[0] + errors[1]) + (errors[2] + errors[3]))
      + ((errors[4] + errors[5]) + (errors[6] + errors[7]))
    result.sumSquaredSource =
      ((squares[0] + squares[1]) + (squares[2] + squares[3]))
      + ((squares[4] + squares[5]) + (squares[6] + squares[7]))
    return result
  }

  @Test(arguments: Array(0...40) + [127, 128, 129, 1000])
  func `a row of any count has the sums of the rule, bit for bit`(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    // Magnitudes from 2⁻⁸ to 2⁸, so that additions round and another order gives another sum.
    let source = (0..<count).map { _ in
      Float(
        sign: .random(using: &generator) ? .plus : .minus,
        exponent: .random(in: -8...8, using: &generator),
        significand: .random(in: 1..<2, using: &generator))
    }
    let decoded = source.map { $0 * .random(in: 0.9...1.1, using: &generator) }
    let row = sums(decoded, source)
    let expected = transcription(decoded: decoded, source: source)
    #expect(row.maxAbs.bitPattern == expected.maxAbs.bitPattern)
    #expect(row.sumSquaredError.bitPattern == expected.sumSquaredError.bitPattern)
    #expect(row.sumSquaredSource.bitPattern == expected.sumSquaredSource.bitPattern)
  }

  @Test func `lanes are added in pairs of neighbours`() {
    // The unit in the last place of 2⁵⁴ is 4: alone a 1 is lost, four of them together are not.
    let source: [Float] = [0x1p27, 1, 1, 1, 1, 1, 1, 1]
    let row = sums(source, source)
    // (2⁵⁴ + 1) + (1 + 1), a tie that goes to 2⁵⁴, then + ((1 + 1) + (1 + 1)).
    #expect(row.sumSquaredSource == 0x1p54 + 4)
    let reversed = Array(source.reversed())
    let mirrored = sums(reversed, reversed)
    #expect(mirrored.sumSquaredSource == 0x1p54 + 4)
  }

  @Test func `a lane takes every eighth column, from left to right`() {
    // Lane 0 has 2⁵⁴ and three ones: added after it each is lost, added before it they are not.
    var source = [Float](repeating: 0, count: 32)
    for column in [0, 8, 16, 24] { source[column] = 1 }
    source[0] = 0x1p27
    #expect(sums(source, source).sumSquaredSource == 0x1p54)
    source.swapAt(0, 24)
    #expect(sums(source, source).sumSquaredSource == 0x1p54 + 4)
    // A one in another lane does not meet them early: (2⁵⁴ + 4) + 1 is 2⁵⁴ + 4.
    source[1] = 1
    #expect(sums(source, source).sumSquaredSource == 0x1p54 + 4)
  }

  @Test func `the difference is taken in binary64`() {
    // In binary32 it would be 1.
    #expect(sums([1], [0x1p-30]).maxAbs == 1 - 0x1p-30)
  }

  @Test(arguments: [9, 16])
  func `a square is rounded before it is added`(count: Int) {
    // Lane 0 has 2⁻⁵⁴, then (1 − 2⁻³⁰)² = 1 − 2⁻²⁹ + 2⁻⁶⁰, which is rounded to 1 − 2⁻²⁹. The sum
    // is a tie; a fused multiply-add would see the 2⁻⁶⁰ and round up.
    var source = [Float](repeating: 0, count: count)
    var decoded = source
    decoded[0] = 0x1p-27
    (decoded[8], source[8]) = (1, 0x1p-30)
    #expect(sums(decoded, source).sumSquaredError == 1 - 0x1p-29)
    let delta = 1 - 0x1p-30
    #expect((0x1p-54).addingProduct(delta, delta) == 1 - 0x1p-29 + 0x1p-53)
  }

  @Test(arguments: [0, 7, 8, 12])
  func `the largest difference counts by magnitude, in any column`(column: Int) {
    let source = [Float](repeating: 3, count: 13)
    for delta in [-2, 2] as [Float] {
      var decoded = source
      decoded[column] += delta
      let row = sums(decoded, source)
      #expect(row.maxAbs == 2)
      #expect(row.sumSquaredError == 4)
      #expect(row.sumSquaredSource == 117)
    }
  }

  @Test func `equal rows, and zeros of either sign, have no error`() {
    let source: [Float] = [0, -0.0, 1.5, -2]
    let decoded: [Float] = [-0.0, 0, 1.5, -2]
    let row = sums(decoded, source)
    #expect(row.maxAbs == 0)
    #expect(row.sumSquaredError == 0)
    #expect(row.sumSquaredSource == 6.25)
  }

  @Test func `rows are added one after another`() {
    var total = ErrorSums()
    #expect(total == sums([], []))
    for (decoded, source) in [(0x1p27, 0), (1, 0), (0, 1), (0, 1)] as [(Float, Float)] {
      total.add(sums([decoded], [source]))
    }
    #expect(total.maxAbs == 0x1p27)
    // Each 1 is added to 2⁵⁴ alone and is lost.
    #expect(total.sumSquaredError == 0x1p54)
    #expect(total.sumSquaredSource == 2)
  }

  private func sums(_ decoded: [Float], _ source: [Float]) -> ErrorSums {
    ErrorSums(decoded: decoded.span, source: source.span)
  }
}
