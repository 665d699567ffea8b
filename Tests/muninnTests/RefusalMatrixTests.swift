import FileAccess
import Foundation
import TestSupport
import Testing

/// `formats/refusals.md` against the code: no error without a row, no row without a test.
struct RefusalMatrixTests {
  private struct Row {
    let error: String
    let fixtures: [String]
    let test: String
  }

  private func rows() throws -> [Row] {
    let tables = MarkdownTable.tables(in: try Fixtures.page("refusals.md"))
    #expect(tables.allSatisfy { $0.heading == ["error", "rule", "fixture", "test"] })
    return tables.flatMap(\.rows).map { cells in
      let fixtures = cells[2] == "–" ? [] : cells[2].components(separatedBy: ", ")
      return Row(
        error: cells[0].replacing("`", with: ""),
        fixtures: fixtures.map { $0.replacing("`", with: "") }, test: cells[3])
    }
  }

  /// The cases of every public error, fault and code, as `Type.case`.
  private func errors() throws -> Set<String> {
    var errors: Set<String> = []
    for text in try ProjectFiles.texts(under: "Sources", ending: ".swift").values {
      var type: String?
      for line in text.split(separator: "\n") {
        if let match = line.wholeMatch(of: #/public enum (\w+(?:Error|Fault|Code))\b.*/#) {
          type = String(match.1)
        } else if line == "}" || line.hasPrefix("  public var description") {
          type = nil
        } else if let type, let match = line.prefixMatch(of: #/  (?:indirect )?case (\w+)/#) {
          errors.insert("\(type).\(match.1)")
        }
      }
    }
    return errors
  }

  @Test func `every error has one row, and every row an error`() throws {
    let listed = try rows().map(\.error)
    #expect(Set(listed).count == listed.count)
    let errors = try errors()
    #expect(errors.subtracting(listed).sorted() == [])
    #expect(Set(listed).subtracting(errors).sorted() == [])
  }

  @Test func `every row's test and fixtures exist`() throws {
    let suites = try ProjectFiles.texts(under: "Tests", ending: "Tests.swift")
    var tests: Set<String> = []
    for (path, text) in suites {
      let suite = Path.name(of: path).dropLast(".swift".count)
      for match in text.matches(of: #/func `([^`]+)`/#) { tests.insert("\(suite): \(match.1)") }
    }
    // Two guards stand behind others that come first; nothing else goes without a test.
    let unreachable = ["LayoutError.overflow", "PackError.manifestTooLarge"]
    let untested = try rows().filter { $0.test.hasPrefix("none: ") }.map(\.error)
    #expect(untested.sorted() == unreachable)
    for row in try rows() {
      #expect(tests.contains(row.test) || untested.contains(row.error), "\(row.error)")
      for fixture in row.fixtures {
        #expect(FileManager.default.fileExists(atPath: Fixtures.path(fixture)), "\(fixture)")
      }
    }
  }
}
