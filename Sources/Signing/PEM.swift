/// A text file of labelled base64 blocks (RFC 7468), as keys are kept in.
struct PEM {
  /// One block.
  struct Block: Equatable {
    /// The label after `BEGIN`, such as `PUBLIC KEY`.
    let label: String
    /// The bytes, DER for a key; nil if the text between the two lines is not base64.
    let bytes: [UInt8]?
    /// Whether the block has the header that says it is encrypted (RFC 1421).
    let isEncrypted: Bool
  }

  /// The blocks that have both their lines, in order; text between blocks is explanation.
  let blocks: [Block]

  init(_ text: String) {
    var blocks: [Block] = []
    var label: String?
    var body: [Substring] = []
    for line in text.split(whereSeparator: \.isNewline) {
      if let begun = Self.label(of: line, after: "-----BEGIN ") {
        label = begun
        body = []
      } else if let ended = Self.label(of: line, after: "-----END "), ended == label {
        blocks.append(Self.block(ended, body))
        label = nil
      } else {
        body.append(line)
      }
    }
    self.blocks = blocks
  }

  private static func label(of line: Substring, after start: String) -> String? {
    let end = "-----"
    let text = line.trimmingSpaces
    guard text.hasPrefix(start), text.hasSuffix(end), text.count > start.count + end.count else {
      return nil
    }
    return String(text.dropFirst(start.count).dropLast(end.count))
  }

  private static func block(_ label: String, _ body: [Substring]) -> Block {
    let headers = body.filter { $0.contains(":") }
    let digits = body.filter { !$0.contains(":") }.map(\.trimmingSpaces).joined()
    return Block(
      label: label, bytes: Base64.decode(digits),
      isEncrypted: label.hasPrefix("ENCRYPTED ")
        || headers.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") })
  }

  /// The text of one block, 64 digits a line, with a line feed at its end.
  static func text(label: String, _ bytes: [UInt8]) -> String {
    var rest = Base64.encode(bytes)[...]
    var lines = ["-----BEGIN \(label)-----"]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(64)))
      rest = rest.dropFirst(64)
    }
    lines.append("-----END \(label)-----")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Substring {
  /// The text without spaces and tabs at its ends.
  fileprivate var trimmingSpaces: Substring {
    var text = self
    while text.first == " " || text.first == "\t" { text = text.dropFirst() }
    while text.last == " " || text.last == "\t" { text = text.dropLast() }
    return text
  }
}
