/// Tells the text of a key, which must not be repeated in a message, from the path of its file.
public enum KeyMaterial {
  /// The shortest text of a block: that of an Ed25519 key takes 60 digits.
  private static let digitCount = 48

  /// Whether an argument holds a key: a PEM block or a piece of one, the base64 text of a block
  /// without its frame, or its bytes.
  ///
  /// - Parameter argument: as the system has it.
  /// - Returns: whether it does; a path that looks like base64 of a key is taken for one.
  public static func occurs(in argument: [UInt8]) -> Bool {
    if argument.contains(Array("-----BEGIN".utf8)) || argument.contains(Array("PRIVATE KEY".utf8)) {
      return true
    }
    if argument.split(whereSeparator: { !isDigit($0) }).contains(where: isBlock) { return true }
    // Text is never taken for bytes; a shell has dropped those that are zero.
    return String(validating: argument, as: UTF8.self) == nil && isKey(argument[...])
  }

  /// Whether base64 digits begin as a block of DER does.
  private static func isBlock(_ digits: ArraySlice<UInt8>) -> Bool {
    guard digits.count >= digitCount else { return false }
    // Nine bytes: a tag, a length of up to five, a tag.
    let start = Base64.decode(String(decoding: digits.prefix(12), as: UTF8.self))
    return start.map { isKey($0[...]) } ?? false
  }

  /// A digit of the alphabet that PEM has; its padding ends what has digits.
  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  /// Whether bytes begin as keys do: a sequence, and in it an integer, which is a version, or a
  /// sequence, which names the algorithm.
  private static func isKey(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    guard rest.popFirst() == DERReader.Tag.sequence, let length = rest.popFirst() else {
      return false
    }
    if length >= 0x80 {
      guard (0x81...0x84).contains(length) else { return false }
      rest = rest.dropFirst(Int(length & 0x7F))
    }
    return rest.first == DERReader.Tag.integer || rest.first == DERReader.Tag.sequence
  }
}
