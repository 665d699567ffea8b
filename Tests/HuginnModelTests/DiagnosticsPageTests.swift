import HuginnModel
import TestSupport
import Testing

/// `formats/diagnostics.md` says what the code does.
struct DiagnosticsPageTests {
  private let rows: [[String]]

  init() throws {
    rows = MarkdownTable.tables(in: try Fixtures.page("diagnostics.md")).flatMap(\.rows)
  }

  @Test func `the page has every code once, in the order of the code`() {
    #expect(rows.map { $0[0] } == DiagnosticCode.allCases.map { "`\($0.rawValue)`" })
  }

  @Test func `severity and meaning are those of the code`() {
    for (row, code) in zip(rows, DiagnosticCode.allCases) {
      #expect(row[1] == code.severity.rawValue, "\(code)")
      #expect(row[2] == code.meaning, "\(code)")
    }
  }

  @Test func `every code has an example and a hint`() {
    for row in rows {
      #expect(row.count == 5)
      #expect(!row.contains(""), "\(row[0])")
    }
  }
}
