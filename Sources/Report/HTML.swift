import Presentation

/// A piece of a page, in which all text from outside is escaped.
struct HTML: ExpressibleByStringInterpolation {
  private(set) var text = ""

  /// Markup that this module wrote itself.
  init(stringLiteral value: String) { text = value }

  /// Markup with text, which is escaped, and other pieces, which are not.
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Pieces after one another.
  init(_ pieces: [HTML]) { text = pieces.map(\.text).joined() }

  /// A drawing, or a style sheet: markup from this project.
  init(markup: String) { text = markup }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

    mutating func appendInterpolation(_ value: some StringProtocol) {
      text += value.escapedForMarkup
    }

    mutating func appendInterpolation(_ value: Int) { text += String(value) }
  }
}

extension HTML {
  /// A table in a box that scrolls if it is too wide.
  ///
  /// - Parameters:
  ///   - caption: the table's caption.
  ///   - columns: the headings; those of numbers end with `|`.
  ///   - rows: cells, the first of which is the row's heading.
  /// - Returns: the table.
  static func table(_ caption: String, _ columns: [String], _ rows: [[String]]) -> HTML {
    let headings = columns.map { column -> HTML in
      column.hasSuffix("|")
        ? "<th scope=\"col\" class=\"number\">\(column.dropLast())</th>"
        : "<th scope=\"col\">\(column)</th>"
    }
    let body = rows.map { row -> HTML in
      let cells = zip(row, columns).enumerated().map { index, cell -> HTML in
        let style: HTML = cell.1.hasSuffix("|") ? " class=\"number\"" : ""
        return index == 0
          ? "<th scope=\"row\"\(style)>\(cell.0)</th>" : "<td\(style)>\(cell.0)</td>"
      }
      return "<tr>\(HTML(cells))</tr>\n"
    }
    return """
      <div class="wide" tabindex="0"><table><caption>\(caption)</caption>
      <thead><tr>\(HTML(headings))</tr></thead>
      <tbody>\(HTML(body))</tbody></table></div>

      """
  }

  /// A picture.
  static func figure(_ drawing: Drawing) -> HTML {
    "<figure>\(HTML(markup: drawing.svg(.inline)))</figure>\n"
  }

  /// Pictures and tables side by side if there is room.
  static func row(_ pieces: [HTML]) -> HTML { "<div class=\"row\">\n\(HTML(pieces))</div>\n" }

  /// Pictures of one size, as many side by side as there is room for.
  static func gallery(_ drawings: [Drawing]) -> HTML {
    "<div class=\"gallery\">\n\(HTML(drawings.map(figure)))</div>\n"
  }

  /// A part of the page with one sentence on how to read it.
  static func section(_ title: String, _ explanation: String, _ content: [HTML]) -> HTML {
    "<section><h2>\(title)</h2>\n<p>\(explanation)</p>\n\(HTML(content))</section>\n"
  }
}
