import FileAccess
import Safetensors
import TestSupport
import Tensors
import Testing

/// `formats/safetensors.md` says what the code does.
struct SafetensorsPageTests {
  private let page: String

  init() throws { page = try Fixtures.page("safetensors.md") }

  private func rows(headed heading: String...) throws -> [[String]] {
    try #require(MarkdownTable.table(headed: heading, in: page)).rows
  }

  /// The names in a cell that are set as code.
  private func code(in cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  @Test func `the reader's duties are the cases of HeaderFault, each once and in order`() throws {
    let rows = try rows(headed: "step", "case", "rule", "fixtures")
    #expect(rows.map { $0[0] } == (1...rows.count).map { "\($0)" })
    #expect(rows.flatMap { code(in: $0[1]) } == HeaderRule.allCases.map(\.rawValue))
  }

  @Test func `each duty lists the files that break it, and only those`() throws {
    let rows = try rows(headed: "step", "case", "rule", "fixtures")
    for row in rows {
      let names = Refusals.faults.filter { code(in: row[1]) == [$0.fault.rule.rawValue] }
      let files = names.map { "bad-\($0.name)" }
      #expect(code(in: row[3]).sorted() == files.sorted(), "\(row[1])")
    }
  }

  @Test func `what is stricter than the reference is listed with its files`() throws {
    let rows = try rows(headed: "stricter rule", "case", "fixture")
    let files = Verdict.all.filter { !$0.isAccepted && $0.isAcceptedByReference }
      .map { String($0.file.dropLast(".safetensors".count)) }
    #expect(rows.flatMap { code(in: $0[2]) }.sorted() == files.sorted())
    for row in rows {
      for file in code(in: row[2]) {
        let fault = Refusals.faults.first { "bad-\($0.name)" == file }?.fault
        #expect(code(in: row[1]) == [fault?.rule.rawValue], "\(file)")
      }
    }
  }

  @Test func `the dtypes and their bits are those of the code`() throws {
    let rows = try rows(headed: "bits", "dtypes")
    let listed = rows.flatMap { row in code(in: row[1]).map { [$0, row[0]] } }
    #expect(listed == DType.allCases.map { [$0.rawValue, "\($0.bitsPerElement)"] })
  }

  @Test func `the limits are those of the code`() throws {
    let rows = try rows(headed: "limit", "bytes")
    let listed = rows.map { [code(in: $0[0]).joined(), $0[1].replacing(",", with: "")] }
    #expect(
      listed == [
        ["headerByteCount", "\(SafetensorsLimits.headerByteCount)"],
        ["dataByteCount", "\(SafetensorsLimits.dataByteCount)"],
        ["indexByteCount", "\(SafetensorsLimits.indexByteCount)"],
      ])
  }

  @Test func `the foreign formats are those that the code knows`() throws {
    let rows = try rows(headed: "format", "first bytes")
    #expect(rows.flatMap { code(in: $0[0]) } == ForeignFormat.allCases.map(\.rawValue))
  }

  @Test func `the examples are the bytes that the writer makes`() throws {
    let directory = try TemporaryDirectory()
    let weight = TensorDescription(name: "w", dtype: .bf16, shape: Shape(2))
    for (name, tensors) in [("empty", []), ("one", [weight])] {
      let writer = try SafetensorsWriter(target: directory(name), tensors: tensors)
      if name == "one" {
        let data: [UInt8] = [0x80, 0x3F, 0x00, 0xC0]  // 1 and −2
        try writer.data.write(data.span.rawBytes, of: "w")
      }
      try writer.publish()
      let dump = HexDump.text(of: try directory.bytes(name))
      #expect(page.contains(dump), "\(dump)")
    }
  }
}
