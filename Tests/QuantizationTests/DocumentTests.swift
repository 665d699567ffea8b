import FileAccess
import Kernels
import Quantization
import TestSupport
import Tensors
import Testing

/// `formats/quantization.md`, held against the code: every table of the page.
struct DocumentTests {
  private let page: String

  init() throws {
    page = try Fixtures.page("quantization.md")
  }

  @Test func `no table of the page goes unchecked`() {
    #expect(
      MarkdownTable.tables(in: page).map { $0.heading.prefix(2).joined(separator: ", ") } == [
        "text, encoding", "in_features, group sizes that fit", "encoding, role",
        "value, source bits", "value, source bits", "largest magnitude, bits", "scale, value",
        "extreme, bits", "quotient, int4 code", "scale, code", "stored scale, stored code",
        "source, row bits", "source, group bits", "source, int4 bits", "source, other bits",
        "encoding, scale bits",
        "row, lanes", "case, rule", "limit, value",
      ])
  }

  // MARK: - Encodings

  @Test func `the names are read or refused as on the page`() throws {
    for row in try rows("text", "encoding", "case") {
      do {
        let encoding = try Encoding(row[0])
        #expect([encoding.description, ""] == Array(row[1...]), "\(row)")
      } catch {
        #expect(["refused", code(of: error)] == Array(row[1...]), "\(row)")
      }
    }
  }

  @Test func `the group sizes that fit are those of the page`() throws {
    for row in try rows("in_features", "group sizes that fit") {
      let sizes = Encoding.groupSizes(tiling: [try #require(Int(row[0]))])
      #expect(row[1] == sizes.map { String($0) }.joined(separator: ", "))
    }
  }

  @Test func `the planes are those of the page, in its order`() throws {
    let encodings = [
      "f32", "bf16", "f16", "int8:row", "int8:32", "int8:160", "int4:32", "int4:160",
    ]
    let planes = try encodings.flatMap { name in
      try Encoding(name).planes(for: Shape(2, 320)).map { plane in
        [
          name, plane.role.rawValue, plane.dtype.rawValue, plane.shape.description,
          String(plane.byteCount),
        ]
      }
    }
    #expect(try rows("encoding", "role", "dtype", "shape", "bytes") == planes)
  }

  // MARK: - Halves

  @Test func `f16 rounds and counts as on the page`() throws {
    for row in try rows("value", "source bits", "f16 bits") {
      let encoded = try Encoded([float(row[1])], as: .f16, columns: 1)
      let counted =
        encoded.refusal != nil
        ? "overflowed" : encoded.statistics.underflowed > 0 ? "underflowed" : ""
      #expect([hexadecimal(encoded.halves[0]), counted] == Array(row[2...]), "\(row)")
    }
  }

  @Test func `bf16 rounds and counts as on the page`() throws {
    for row in try rows("value", "source bits", "bf16 bits") {
      let encoded = try Encoded([float(row[1])], as: .bf16, columns: 1)
      let counted = encoded.refusal != nil ? "overflowed" : ""
      #expect([hexadecimal(encoded.halves[0]), counted] == Array(row[2...]), "\(row)")
    }
  }

  // MARK: - int8

  @Test func `scales are rounded, kept or refused as on the page`() throws {
    for row in try rows("largest magnitude", "bits") {
      let largest = try float(row[1])
      #expect(hexadecimal((largest / 127).bitPattern) == row[2], "\(row)")
      let source = [Float](repeating: 0, count: 31) + [-largest]
      let group = try Encoded(source, as: .int8, columns: 32)
      let groupScale = group.refusal == nil ? hexadecimal(group.groupScales[0]) : "refused"
      #expect(groupScale == row[3], "\(row)")
      let whole = try Encoded(source, as: .int8Row, columns: 32)
      let rowScale = whole.refusal == nil ? hexadecimal(whole.rowScales[0]) : "refused"
      #expect(rowScale == row[4], "\(row)")
    }
  }

  @Test func `codes are rounded and clamped as on the page`() throws {
    for row in try rows("scale", "value", "quotient", "code") {
      let scale = try float(row[0])
      let value = try float(row[1])
      if row[2] != "none" {
        #expect((value / scale).bitPattern == Float(row[2])?.bitPattern, "\(row)")
      }
      var codes: [Int8] = [99]
      var span = codes.mutableSpan
      let clamped = Scalar.encodeInt8([value].span, scale: scale, into: &span)
      #expect([String(codes[0]), clamped == 1 ? "clamped" : ""] == Array(row[3...]), "\(row)")
    }
  }

  // MARK: - int4

  @Test func `the extreme decides the scale as on the page`() throws {
    for row in try rows("extreme", "bits", "F16 scale") {
      let encoded = try Encoded(
        [try float(row[1])] + [Float](repeating: 0, count: 31), as: .int4, columns: 32)
      guard encoded.refusal == nil else {
        #expect(Array(row[2...]) == ["refused", "", ""], "\(row)")
        continue
      }
      let scale = encoded.groupScales[0]
      let code = Int4.code(at: 0, in: encoded.primary.span)
      let decoded = hexadecimal((Float(f16Bits: scale) * Float(code)).bitPattern)
      #expect([hexadecimal(scale), String(code), decoded] == Array(row[2...]), "\(row)")
    }
  }

  @Test func `4-bit codes are rounded and clamped as on the page`() throws {
    for row in try rows("quotient", "int4 code") {
      let code = Scalar.int4Code(try #require(Float(row[0])), scale: 1)
      #expect(String(code) == row[1], "\(row)")
    }
  }

  @Test func `the first bytes are those of the page`() throws {
    for (values, scale) in [([8, -8], 0xBC00), ([-8, 8], 0x3C00)] as [([Float], UInt16)] {
      let encoded = try Encoded(
        values + [Float](repeating: 0, count: 30), as: .int4, columns: 32)
      #expect(encoded.groupScales == [scale])
      #expect(encoded.primary[0] == 0xF0)
    }
  }

  @Test func `the worked groups of 4 bits are encoded as on the page`() throws {
    let worked: [(String, String, [UInt8])] = [
      ("int4 bits", "int4:32", [0x69, 0x0A, 0x8C, 0x88]),
      ("other bits", "int4:32, second group", [0xA7, 0x05, 0x1F, 0x88]),
    ]
    for (heading, name, bytes) in worked {
      let table = try rows("source", heading)
      let source = try table.map { try float($0[1]) } + [Float](repeating: 0, count: 24)
      let encoded = try Encoded(source, as: .int4, columns: 32)
      #expect(encoded.primary == bytes + [UInt8](repeating: 0x88, count: 12))
      let scale = Float(f16Bits: encoded.groupScales[0])
      for (index, row) in table.enumerated() {
        let code = Int4.code(at: index, in: encoded.primary.span)
        #expect(Float(row[0])?.bitPattern == source[index].bitPattern, "\(row)")
        #expect(Float(row[2])?.bitPattern == (source[index] / scale).bitPattern, "\(row)")
        #expect(Int8(row[3]) == code, "\(row)")
        #expect(row[4] == hexadecimal((scale * Float(code)).bitPattern), "\(row)")
      }
      try checkStatistics(encoded, hexadecimal(encoded.groupScales[0]), named: name)
    }
  }

  // MARK: - Decoding

  @Test func `the reciprocal gives the other code that the page speaks of`() throws {
    let row = try #require(try rows("scale", "value", "quotient").first { $0[2] == "-125.5" })
    let product = try float(row[1]) * (1 / float(row[0]))
    #expect(product.rounded(.toNearestOrEven) == -125)
  }

  @Test func `codes decode as on the page`() throws {
    for row in try rows("scale", "code", "decoded") {
      var values: [Float] = [-99]
      var span = values.mutableSpan
      Scalar.decodeInt8([try #require(Int8(row[1]))].span, scale: try float(row[0]), into: &span)
      #expect(hexadecimal(values[0].bitPattern) == row[2], "\(row)")
    }
  }

  @Test(arguments: CPULevel.available)
  func `codes that no writer makes decode as on the page`(level: CPULevel) throws {
    let rows = try rows("stored scale", "stored code", "product")
    let kernels = try #require(KernelSet(level))
    // A row of 40 columns: whole vectors, and what is left.
    let codes = try rows.flatMap { [Int8](repeating: try #require(Int8($0[1])), count: 40) }
    let scales = try rows.map { try float($0[0]) }
    let matrix = StoredMatrix(
      .int8Row, rows: rows.count, columns: 40, elements: codes.span.rawBytes,
      scales: scales.span.rawBytes)
    var values = [Float](repeating: -99, count: codes.count)
    var span = values.mutableSpan
    kernels.decode(matrix, into: &span)
    for (index, row) in rows.enumerated() {
      let decoded = values[index * 40..<(index + 1) * 40]
      let texts = decoded.map { $0.isNaN ? "NaN" : hexadecimal($0.bitPattern) }
      #expect(texts == Array(repeating: row[2], count: 40), "\(row)")
    }
  }

  @Test func `the worked row and group are encoded as on the page`() throws {
    try checkWorked(rows("source", "row bits"), as: .int8Row, columns: 8)
    try checkWorked(rows("source", "group bits"), as: .int8, columns: 32)
  }

  private func checkWorked(_ table: [[String]], as encoding: Encoding, columns: Int) throws {
    var source = try table.map { try float($0[1]) }
    source += [Float](repeating: 0, count: columns - source.count)
    let encoded = try Encoded(source, as: encoding, columns: columns)
    let scale =
      encoding == .int8Row
      ? Float(bitPattern: encoded.rowScales[0]) : Float(f16Bits: encoded.groupScales[0])
    for (row, (value, code)) in zip(table, zip(source, encoded.codes)) {
      #expect(Float(row[0])?.bitPattern == value.bitPattern, "\(row)")
      #expect(Float(row[2])?.bitPattern == (value / scale).bitPattern, "\(row)")
      #expect(Int8(row[3]) == code, "\(row)")
      #expect(row[4] == hexadecimal((scale * Float(code)).bitPattern), "\(row)")
    }
    let scaleBits =
      encoding == .int8Row
      ? hexadecimal(encoded.rowScales[0]) : hexadecimal(encoded.groupScales[0])
    try checkStatistics(encoded, scaleBits, named: encoding.description)
  }

  private func checkStatistics(
    _ encoded: Encoded, _ scaleBits: String, named name: String
  ) throws {
    let statistics = try #require(try rows("encoding", "scale bits").first { $0[0] == name })
    let error = encoded.statistics.error
    let sums = [error.maxAbs, error.sumSquaredError, error.sumSquaredSource]
    #expect(Array(statistics[1...]) == [scaleBits] + sums.map { hexadecimal($0.bitPattern) })
  }

  // MARK: - Sums, errors, limits

  @Test func `sums are taken in the order that the page shows`() throws {
    let sources: [[Float]] = [
      [0x1p27] + Array(repeating: 1, count: 7), [0x1p27] + Array(repeating: 1, count: 15),
      Array(repeating: 1, count: 7) + [0x1p27], [0x1p27] + Array(repeating: 1, count: 31),
    ]
    let sums = sources.map { source in
      let sums = ErrorSums(decoded: source.span, source: source.span)
      return hexadecimal(sums.sumSquaredSource.bitPattern)
    }
    #expect(try rows("row", "lanes").map { $0[2] } == sums)
    let inOneSum = sources.map { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }
    #expect(inOneSum == [0x1p54, 0x1p54, 0x1p54 + 8, 0x1p54])
  }

  @Test func `every error has its rule and its message on the page`() throws {
    let errors: [EncodingError] = [
      .unknownEncoding("int3"), .groupSize(scheme: "int8", size: 31),
      .groupDoesNotDivide(size: 64, columns: 5280),
      .size(.overflow), .nonFinite(value: .nan, row: 1, column: 3),
      .overflow(encoding: .f16, count: 2, largest: 70000),
      .scaleOverflow(encoding: .int8, count: 1, largest: 127 * 65520),
    ]
    let rows = try rows("case", "rule", "message")
    #expect(rows.map { [$0[0], $0[2]] } == errors.map { [code(of: $0), $0.description] })
  }

  @Test func `the limits are those of the page`() throws {
    let extremes = try Encoded([-1, 1], as: .int8Row, columns: 2).codes
    let limits = [
      ["groupSizeUnit", String(Encoding.groupSizeUnit)],
      ["default group size", Encoding.int8.description.replacing("int8:", with: "")],
      ["greatest magnitude of an 8-bit code", String(extremes[1])],
      ["4-bit codes", "\(Int4.codes.lowerBound)…\(Int4.codes.upperBound)"],
    ]
    #expect(try rows("limit", "value").map { Array($0.prefix(2)) } == limits)
    #expect(extremes == [-127, 127])
  }

  // MARK: - Helpers

  /// The rows of the table with this heading, without code marks.
  private func rows(_ heading: String...) throws -> [[String]] {
    let table = try #require(MarkdownTable.table(headed: heading, in: page))
    return table.rows.map { row in row.map { $0.replacing("`", with: "") } }
  }

  private func float(_ bits: String) throws -> Float {
    Float(bitPattern: try #require(UInt32(bits, radix: 16)))
  }

  private func hexadecimal<Bits: FixedWidthInteger>(_ bits: Bits) -> String {
    let digits = String(bits, radix: 16, uppercase: true)
    return String(repeating: "0", count: Bits.bitWidth / 4 - digits.count) + digits
  }

  /// The name of the case; a new one does not compile until it is listed here and on the page.
  private func code(of error: EncodingError) -> String {
    switch error {
    case .unknownEncoding: "unknownEncoding"
    case .groupSize: "groupSize"
    case .groupDoesNotDivide: "groupDoesNotDivide"
    case .size: "size"
    case .nonFinite: "nonFinite"
    case .overflow: "overflow"
    case .scaleOverflow: "scaleOverflow"
    }
  }
}
