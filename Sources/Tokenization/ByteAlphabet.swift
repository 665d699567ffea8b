/// The characters that stand for bytes in byte-level BPE, as GPT-2 chose them: printable Latin-1 for
/// itself, the rest from U+0100 on.
enum ByteAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var scalars: [Unicode.Scalar] = []
    var next: UInt32 = 0x100
    for byte in UInt8.min...UInt8.max {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
        scalars.append(Unicode.Scalar(byte))
      default:
        // U+0100 to U+0143: no surrogate among them.
        scalars.append(Unicode.Scalar(next) ?? "?")
        next += 1
      }
    }
    return scalars
  }()

  private static let bytes = Dictionary(
    uniqueKeysWithValues: zip(scalars, UInt8.min...UInt8.max))

  /// The text of a token's bytes.
  static func text(of bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes { text.unicodeScalars.append(scalars[Int(byte)]) }
    return text
  }

  /// The bytes that a token's text encodes; nil if it has another character.
  static func bytes(of token: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }
}
