import Tensors

/// Why JSON from a file was refused.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text ends before the value does.
  case truncated(byteOffset: Int)
  /// The bytes EF BB BF before the value, which RFC 8259 forbids and Python's `json` refuses.
  case byteOrderMark
  /// A byte that cannot stand here.
  case unexpected(byte: UInt8, byteOffset: Int, expected: String)
  /// Something other than spaces follows the value.
  case trailing(byte: UInt8, byteOffset: Int)
  /// The bytes of a string are not UTF-8.
  case invalidUTF8(byteOffset: Int)
  /// More combining characters in a row than text has: comparing such strings takes quadratic time.
  case tooManyCombiningCharacters(byteOffset: Int, limit: Int)
  /// A control character stands in a string unescaped.
  case controlCharacter(byte: UInt8, byteOffset: Int)
  /// An escape that JSON does not have, or one half of a surrogate pair.
  case invalidEscape(byteOffset: Int)
  /// A number that JSON does not write so.
  case invalidNumber(byteOffset: Int)
  /// A number that is no unsigned 64-bit integer.
  case notAnUnsignedInteger(literal: String, byteOffset: Int)
  /// The same key twice in one object.
  case duplicateKey(String, byteOffset: Int)
  /// Arrays and objects nested deeper than the limit.
  case tooDeep(byteOffset: Int, limit: Int)
  /// More values than a document of this kind can have.
  case tooManyValues(limit: Int)
  /// A member of another kind than the format says.
  case wrongKind(path: String, expected: String, found: String)
  /// A member that the format requires.
  case missingKey(path: String, key: String)
  /// A member that the format does not have.
  case unknownKey(path: String, key: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .truncated(let offset):
      "the JSON ends at byte \(offset), inside a value"
    case .byteOrderMark:
      "the JSON begins with a byte order mark; save the file as UTF-8 without one"
    case .unexpected(let byte, let offset, let expected):
      "byte \(offset) of the JSON is \(Self.name(of: byte)), expected \(expected)"
    case .trailing(let byte, let offset):
      "byte \(offset) of the JSON is \(Self.name(of: byte)), expected the end"
    case .invalidUTF8(let offset):
      "the string at byte \(offset) of the JSON is not UTF-8"
    case .tooManyCombiningCharacters(let offset, let limit):
      "the string at byte \(offset) of the JSON has more than \(limit) combining characters in a row"
    case .controlCharacter(let byte, let offset):
      "byte \(offset) of the JSON is the unescaped control character \(Self.name(of: byte))"
    case .invalidEscape(let offset):
      "the escape at byte \(offset) of the JSON is invalid, or half a surrogate pair"
    case .invalidNumber(let offset):
      "the number at byte \(offset) of the JSON is malformed"
    case .notAnUnsignedInteger(let literal, let offset):
      "\(literal.quoted) at byte \(offset) of the JSON is not an integer from 0 to 2^64 - 1"
    case .duplicateKey(let key, let offset):
      "the key \(key.quoted) at byte \(offset) of the JSON occurs twice in its object"
    case .tooDeep(let offset, let limit):
      "the JSON nests deeper than \(limit) levels at byte \(offset)"
    case .tooManyValues(let limit):
      "the JSON has more than \(limit) values"
    case .wrongKind(let path, let expected, let found):
      "\(path.quoted) is \(found), expected \(expected)"
    case .missingKey(let path, let key):
      path.isEmpty ? "the key \(key.quoted) is missing" : "\(path.quoted) has no key \(key.quoted)"
    case .unknownKey(let path, let key):
      path.isEmpty
        ? "the key \(key.quoted) is unknown"
        : "\(path.quoted) has the unknown key \(key.quoted)"
    }
  }

  private static func name(of byte: UInt8) -> String {
    if byte > 0x20 && byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "0x" + (digits.count == 1 ? "0" : "") + digits
  }
}
