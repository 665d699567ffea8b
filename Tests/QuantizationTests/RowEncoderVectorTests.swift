import FileAccess
import Kernels
import Quantization
import Safetensors
import Tensors
import TestSupport
import Testing

/// The codes, scales and error statistics of an independent implementation, bit for bit.
struct RowEncoderVectorTests {
  /// A case of `fixtures/README.md` at one granularity.
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let granularity: String
    let clamped: Int

    var testDescription: String { "\(name).\(granularity)" }

    func encoding() throws(EncodingError) -> Encoding {
      granularity == "row" ? .int8Row : try Encoding("int8:\(granularity)")
    }

    /// The name of one of the tensors of this vector.
    func tensor(_ suffix: String) -> String {
      "\(name).\(granularity == "row" ? "row" : "group\(granularity)").\(suffix)"
    }
  }

  /// Every case and granularity that the fixtures' page lists, with its number of clamped codes.
  static let vectors: [Vector] = {
    guard let bytes = try? Fixtures.bytes("README.md"),
      let table = MarkdownTable.table(
        headed: ["case", "[R, K]"], in: String(decoding: bytes, as: UTF8.self))
    else { return [] }
    return table.rows.flatMap { row in
      let counts = row[3].split(separator: ", ")
      return zip(["row", "32", "160"], counts).compactMap { granularity, count in
        Int(count).map {
          Vector(name: row[0].replacing("`", with: ""), granularity: granularity, clamped: $0)
        }
      }
    }
  }()

  private let file: SafetensorsFile

  init() throws {
    file = try SafetensorsFile(path: Fixtures.path("vectors/int8.safetensors"))
  }

  @Test func `the page lists every vector of the fixture`() {
    let named = Self.vectors.flatMap { vector in
      ["codes", "scales", "error"].map { vector.tensor($0) }
    }
    let inputs = Set(Self.vectors.map { "\($0.name).input" })
    #expect(Self.vectors.count == 27)
    #expect(Set(named).union(inputs) == Set(file.header.entries.map(\.tensor.name)))
  }

  @Test(arguments: vectors)
  func `codes and scales are those of the vector, in tiles of any rows`(vector: Vector) throws {
    let source = try values("\(vector.name).input", of: Float.self)
    for (level, rows) in Self.runs {
      let encoded = try encode(vector, source, level, rowsInTile: rows)
      #expect(encoded.primary == (try values(vector.tensor("codes"), of: UInt8.self)))
      #expect(encoded.scales == (try values(vector.tensor("scales"), of: UInt8.self)))
      #expect(encoded.refusal == nil)
      #expect(encoded.statistics.clamped == vector.clamped)
    }
  }

  @Test(arguments: vectors)
  func `the error statistics are those of the vector, bit for bit`(vector: Vector) throws {
    let source = try values("\(vector.name).input", of: Float.self)
    let expected = try values(vector.tensor("error"), of: Double.self)
    for (level, rows) in Self.runs {
      let error = try encode(vector, source, level, rowsInTile: rows).statistics.error
      let found = [error.maxAbs, error.sumSquaredError, error.sumSquaredSource]
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  /// Every level of this processor, and several sizes of tiles.
  private static let runs = CPULevel.available.flatMap { level in
    [1, 2, 3, .max].map { (level, $0) }
  }

  private func encode(
    _ vector: Vector, _ source: [Float], _ level: CPULevel, rowsInTile: Int
  ) throws -> Encoded {
    let entry = try #require(
      file.header.entries.first { $0.tensor.name == "\(vector.name).input" })
    return try Encoded(
      source, as: vector.encoding(), columns: entry.tensor.shape.columns, rowsInTile: rowsInTile,
      kernels: #require(KernelSet(level)))
  }

  /// The bytes of a tensor as elements of a type.
  private func values<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ name: String, of _: Element.Type
  ) throws -> [Element] {
    let entry = try #require(file.header.entries.first { $0.tensor.name == name })
    let count = entry.dataRange.count / MemoryLayout<Element>.size
    var values = [Element](repeating: 0, count: count)
    var span = values.mutableSpan
    try file.file.read(at: file.dataOffset + entry.dataRange.lowerBound, into: &span)
    return values
  }
}
