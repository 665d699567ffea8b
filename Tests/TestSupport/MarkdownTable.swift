/// The tables of a page under `formats/`, so that a test can hold them against the code.
public struct MarkdownTable: Equatable {
  /// The heading's cells.
  public let heading: [String]
  /// The rows' cells, without the line under the heading.
  public let rows: [[String]]

  /// All tables of a page, in order.
  public static func tables(in page: String) -> [MarkdownTable] {
    var tables: [MarkdownTable] = []
    var lines: [[String]] = []
    let pageLines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for line in pageLines + [""] {
      if line.hasPrefix("|") {
        // A `\|` inside a cell is no separator.
        let cells = line.dropFirst().dropLast()
          .replacing("\\|", with: "\u{1}")
          .split(separator: "|", omittingEmptySubsequences: false)
          .map { trimmed(String($0).replacing("\u{1}", with: "|")) }
        lines.append(cells)
      } else if !lines.isEmpty {
        tables.append(MarkdownTable(heading: lines[0], rows: Array(lines.dropFirst(2))))
        lines = []
      }
    }
    return tables
  }

  /// The first table whose heading begins with these cells.
  public static func table(headed heading: [String], in page: String) -> MarkdownTable? {
    tables(in: page).first { $0.heading.starts(with: heading) }
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
