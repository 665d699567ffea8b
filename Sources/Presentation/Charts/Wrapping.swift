import Tensors

/// Text made to fit a width.
///
/// Readers' typefaces differ; a line is taken to be a seventh longer than the stroke font's.
extension String {
  /// The width to keep for a line of this text.
  func room(size: Double, isBold: Bool = false) -> Double {
    Drawing.Text(self, at: .init(0, 0), size: size, isBold: isBold).length * 1.15
  }

  /// The text, or its beginning and an ellipsis where it is longer than `width`; control
  /// characters are escaped.
  func cut(to width: Double, size: Double, isBold: Bool = false) -> String {
    var text = printable
    guard text.room(size: size, isBold: isBold) > width else { return text }
    while !text.isEmpty {
      text.removeLast()
      let shorter = text.trimmingSpaces + "…"
      if shorter.room(size: size, isBold: isBold) <= width { return shorter }
    }
    return ""
  }

  /// The words in as few lines as hold them, at most `limit`, the last of which may be cut.
  func wrapped(to width: Double, size: Double, isBold: Bool = false, limit: Int) -> [String] {
    var lines: [String] = []
    for word in printable.split(separator: " ") {
      let longer = lines.last.map { $0 + " " + word } ?? ""
      let isFull = lines.count == limit
      if !lines.isEmpty, isFull || longer.room(size: size, isBold: isBold) <= width {
        lines[lines.count - 1] = longer
      } else {
        lines.append(String(word))
      }
    }
    return lines.map { $0.cut(to: width, size: size, isBold: isBold) }
  }

  private var trimmingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
