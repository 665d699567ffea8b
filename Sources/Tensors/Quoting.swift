extension [String] {
  /// The first of some names, and how many follow: `a, b and 3 more`.
  public func abbreviated(to count: Int) -> String {
    prefix(count).joined(separator: ", ")
      + (self.count > count ? " and \(self.count - count) more" : "")
  }
}

extension Int {
  /// The number of some things: `1 fault`, `3 faults`.
  public func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension String {
  /// The text in single quotes, as messages show names that came from a file.
  public var quoted: String { "'\(printable)'" }

  /// The text with control characters escaped, cut at 200 scalars: what came from a hostile file
  /// neither drives the terminal nor fills it.
  public var printable: String {
    var text = ""
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == scalarLimit { return text + "…" }
      text += scalar.printable
    }
    return text
  }
}

extension [UInt8] {
  /// The bytes as text in single quotes, as messages show names that are not UTF-8.
  public var quoted: String { "'\(printable)'" }

  /// The bytes as `String.printable` shows text; what is not UTF-8 appears as `\xE9`.
  public var printable: String {
    var text = ""
    var (parser, rest) = (Unicode.UTF8.ForwardParser(), makeIterator())
    var offset = 0
    for _ in 0..<scalarLimit {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar):
        text += Unicode.UTF8.decode(scalar).printable
        offset += scalar.count
      case .error(let length):
        for byte in self[offset..<offset + length] {
          text += "\\x" + String(byte, radix: 16, uppercase: true)
        }
        offset += length
      case .emptyInput:
        return text
      }
    }
    return offset == count ? text : text + "…"
  }
}

/// The most scalars that a message repeats.
private let scalarLimit = 200

extension Unicode.Scalar {
  fileprivate var printable: String {
    switch properties.generalCategory {
    // Format characters turn the direction of text, or hide in it.
    case .control, .format, .lineSeparator, .paragraphSeparator:
      "\\u{" + String(value, radix: 16) + "}"
    default: String(self)
    }
  }
}
