extension [String] {
  /// The first of some names, and how many follow: `a, b and 3 more`.
  public func abbreviated(to count: Int) -> String {
    prefix(count).joined(separator: ", ")
      + (self.count > count ? " and \(self.count - count) more" : "")
  }
}

extension String {
  /// The text in single quotes, as messages show names that came from a file.
  public var quoted: String { "'\(printable)'" }

  /// The text with control characters escaped, cut at 200 scalars: what came from a hostile file
  /// neither drives the terminal nor fills it.
  public var printable: String {
    var text = ""
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == 200 { return text + "…" }
      switch scalar.properties.generalCategory {
      // Format characters turn the direction of text, or hide in it.
      case .control, .format, .lineSeparator, .paragraphSeparator:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default:
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
