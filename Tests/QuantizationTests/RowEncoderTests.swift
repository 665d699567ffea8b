import Kernels
import Quantization
import Tensors
import TestSupport
import Testing

struct RowEncoderTests {
  static let all: [Encoding] = [
    .f32, .bf16, .f16, .int8Row, .int8, .int8Group(size: 64), .int4, .int4Group(size: 64),
  ]

  // MARK: - Tiles

  @Test(arguments: all)
  func `the rows in a tile make no difference`(encoding: Encoding) throws {
    var generator = SeededGenerator(seed: 6)
    let source = (0..<7 * 64).map { _ in Float.random(in: -2...2, using: &generator) }
    let whole = try Encoded(source, as: encoding, columns: 64)
    for rows in [1, 2, 3, 6, 7] {
      let tiled = try Encoded(source, as: encoding, columns: 64, rowsInTile: rows)
      #expect(tiled.primary == whole.primary)
      #expect(tiled.scales == whole.scales)
      #expect(tiled.statistics == whole.statistics)
    }
    #expect(whole.refusal == nil)
  }

  @Test(arguments: all)
  func `planes are as long as the encoding says`(encoding: Encoding) throws {
    let encoded = try Encoded([Float](repeating: 1, count: 3 * 64), as: encoding, columns: 64)
    let planes = try encoding.planes(for: Shape(3, 64))
    #expect(encoded.primary.count == planes[0].byteCount)
    #expect(encoded.scales.count == (planes.count > 1 ? planes[1].byteCount : 0))
  }

  @Test(arguments: all)
  func `no rows are no bytes and no error`(encoding: Encoding) throws {
    let encoded = try Encoded([], as: encoding, columns: 64)
    #expect(encoded.primary.isEmpty)
    #expect(encoded.scales.isEmpty)
    #expect(encoded.statistics == EncodingStatistics())
    #expect(encoded.refusal == nil)
  }

  // MARK: - Values

  @Test func `f32 keeps every bit and has no error`() throws {
    let bits: [UInt32] = [0, 0x8000_0000, 1, 0x8000_0001, 0x3F80_0001, 0x7F7F_FFFF, 0xFF7F_FFFF]
    let encoded = try Encoded(bits.map { Float(bitPattern: $0) }, as: .f32, columns: 7)
    #expect(encoded.words == bits)
    #expect(encoded.statistics.error == ErrorSums())
    #expect(encoded.statistics.isExact)
  }

  @Test(arguments: [.f16, .bf16] as [Encoding])
  func `values that a half holds exactly have no error, whatever their zeros' sign`(
    encoding: Encoding
  ) throws {
    let encoded = try Encoded([1, -0.0, 0, -1.5, 0x1p-14, 96], as: encoding, columns: 3)
    #expect(encoded.statistics.isExact)
    #expect(encoded.statistics.error.sumSquaredError == 0)
    #expect(encoded.halves[1] == 0x8000)
    #expect(encoded.statistics.underflowed == 0)
  }

  @Test func `halves have the error that rounding makes`() throws {
    // 1 + 2⁻⁹ is exact in f16 and a tie in bf16, 2⁻²⁵ vanishes in f16 alone.
    let source: [Float] = [1 + 0x1p-9, 0x1p-25, 3]
    let f16 = try Encoded(source, as: .f16, columns: 3)
    #expect(f16.halves == [0x3C02, 0x0000, 0x4200])
    #expect(f16.statistics.error.maxAbs == 0x1p-25)
    #expect(f16.statistics.error.sumSquaredError == 0x1p-50)
    #expect(f16.statistics.underflowed == 1)
    let bf16 = try Encoded(source, as: .bf16, columns: 3)
    #expect(bf16.halves == [0x3F80, 0x3300, 0x4040])
    #expect(bf16.statistics.error.maxAbs == 0x1p-9)
    #expect(bf16.statistics.error.sumSquaredError == 0x1p-18)
    #expect(bf16.statistics.underflowed == 0)
    #expect(f16.statistics.error.sumSquaredSource == bf16.statistics.error.sumSquaredSource)
  }

  @Test func `underflow is counted over all tiles`() throws {
    let source: [Float] = [1, 0x1p-15, 0, -0x1p-40, 0x1p-14, -0.0, 0x1p-24, 2]
    let encoded = try Encoded(source, as: .f16, columns: 2, rowsInTile: 1)
    #expect(encoded.statistics.underflowed == 3)
    #expect(encoded.refusal == nil)
  }

  // MARK: - Overflow

  @Test func `f16 counts every value that overflows and names the largest`() throws {
    let source: [Float] = [1, 65519, 65520, 2, -1e6, 3, 4, 5, 1e5, 6]
    let encoded = try Encoded(source, as: .f16, columns: 2, rowsInTile: 2)
    #expect(encoded.refusal == .overflow(encoding: .f16, count: 3, largest: 1e6))
  }

  @Test func `bf16 overflows within the last half unit of binary32`() throws {
    let greatest = Float(bitPattern: 0x7F7F_7FFF)
    #expect(try Encoded([greatest, -greatest], as: .bf16, columns: 2).refusal == nil)
    let encoded = try Encoded(
      [1, -greatest.nextUp, greatest, .greatestFiniteMagnitude], as: .bf16, columns: 2)
    #expect(
      encoded.refusal
        == .overflow(encoding: .bf16, count: 2, largest: .greatestFiniteMagnitude))
  }

  @Test func `an int8 group overflows where its F16 scale does`() throws {
    var source = [Float](repeating: 1, count: 4 * 32)
    source[5] = (127 * 65520 as Float).nextDown
    #expect(try Encoded(source, as: .int8, columns: 64).refusal == nil)
    source[70] = -127 * 65520
    source[127] = 1e30
    for rows in [1, 2] {
      let encoded = try Encoded(source, as: .int8, columns: 64, rowsInTile: rows)
      #expect(encoded.refusal == .scaleOverflow(encoding: .int8, count: 2, largest: 1e30))
      #expect(encoded.groupScales == [0x7BFF, 0x2008, 0x7C00, 0x7C00])
    }
    #expect(try Encoded(source, as: .int8Row, columns: 64).refusal == nil)
  }

  @Test func `an int8 row overflows where its scale decodes 127 to infinity`() throws {
    let greatest = Float.greatestFiniteMagnitude
    let row: [Float] = [0, greatest.nextDown, -1]
    let encoded = try Encoded(row, as: .int8Row, columns: 3)
    #expect(encoded.refusal == nil)
    #expect(encoded.codes == [0, 127, 0])
    let refused = try Encoded(row + [1, 2, -greatest], as: .int8Row, columns: 3)
    #expect(refused.refusal == .scaleOverflow(encoding: .int8Row, count: 1, largest: greatest))
  }

  // MARK: - Not finite

  @Test(arguments: all)
  func `a NaN or infinity is refused with its row and column, counted over tiles`(
    encoding: Encoding
  ) {
    var source = [Float](repeating: 1, count: 5 * 64)
    source[3 * 64 + 17] = .infinity
    source[4 * 64] = -.infinity
    for rows in [1, 2, 3, 5] {
      #expect(throws: EncodingError.nonFinite(value: .infinity, row: 3, column: 17)) {
        try Encoded(source, as: encoding, columns: 64, rowsInTile: rows)
      }
    }
    source[0] = .nan
    let error = #expect(throws: EncodingError.self) {
      try Encoded(source, as: encoding, columns: 64)
    }
    // NaN is not equal to itself, so its message is compared.
    #expect(
      error?.description == "the value at row 0, column 0 is nan, expected a finite number")
  }

  // MARK: - int8

  @Test func `each row has a scale of its own`() throws {
    let encoded = try Encoded([127, -1, 0, 0, 0.5, 0.25], as: .int8Row, columns: 2)
    #expect(encoded.codes == [127, -1, 0, 0, 127, 64])
    #expect(encoded.rowScales == [0x3F80_0000, 0, (0.5 / 127 as Float).bitPattern])
    #expect(encoded.statistics.clamped == 0)
  }

  @Test func `each group has a scale of its own, and the last is like the others`() throws {
    var source = [Float](repeating: 0, count: 96)
    (source[31], source[32], source[95]) = (-127, 254, 63.5)
    let encoded = try Encoded(source, as: .int8, columns: 96)
    #expect(encoded.groupScales == [0x3C00, 0x4000, 0x3800])
    #expect(encoded.codes.enumerated().filter { $0.element != 0 }.map(\.offset) == [31, 32, 95])
    #expect([31, 32, 95].map { encoded.codes[$0] } == [-127, 127, 127])
    #expect(encoded.statistics.isExact)
  }

  @Test func `a group that is not all zero keeps a scale, and a row may lose it`() throws {
    var source = [Float](repeating: 0, count: 64)
    (source[0], source[32]) = (-0.0, 0x1p-149)
    let groups = try Encoded(source, as: .int8, columns: 64)
    #expect(groups.groupScales == [0, 1])
    #expect(groups.codes == Array(repeating: 0, count: 64))
    #expect(groups.statistics.error.maxAbs == 0x1p-149)
    let row = try Encoded(source, as: .int8Row, columns: 64)
    #expect(row.rowScales == [0])
    #expect(row.codes == Array(repeating: 0, count: 64))
    #expect(row.statistics.clamped == 0)
  }

  @Test func `clamped codes are counted over all tiles`() throws {
    // 2.5 units of F16's least value are stored as 2, so 127 of them need a code of 158.75.
    var source = [Float](repeating: 0, count: 3 * 32)
    for index in [0, 33, 34, 64] { source[index] = 127 * 0x1.4p-23 }
    source[65] = 127 * 0x1p-23
    let encoded = try Encoded(source, as: .int8, columns: 32, rowsInTile: 1)
    #expect(encoded.groupScales == [2, 2, 2])
    #expect(encoded.codes.filter { $0 == 127 }.count == 5)
    #expect(encoded.statistics.clamped == 4)
  }
}
