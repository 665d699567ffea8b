/// A pull parser for JSON (RFC 8259) from untrusted files.
///
/// Strict where general decoders are not: duplicate keys, invalid UTF-8, lone surrogates, deep
/// nesting and anything but white space after the value are refused, with the byte offset. Two keys
/// are the same when Swift's `String` says so, which counts canonically equivalent Unicode as
/// equal. The caller asks for what the format says comes next, so memory is bounded by what the
/// caller keeps.
public struct JSONReader {
  /// What a value is, seen from its first byte.
  public enum Kind: String, Sendable {
    case null, boolean, number, string, array, object

    /// The kind with its article, for messages.
    public var described: String {
      switch self {
      case .null: "null"
      case .array, .object: "an \(rawValue)"
      default: "a \(rawValue)"
      }
    }
  }

  /// The deepest nesting of arrays and objects; serde_json, which the reference uses, has 128.
  public static let depthLimit = 64

  /// Which numbers are read.
  public enum Dialect: Sendable {
    /// Those of RFC 8259.
    case strict
    /// Also `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes unless told not to.
    case python
  }

  private let bytes: [UInt8]
  private let dialect: Dialect
  /// For each open array and object, outermost first, the keys read so far; none for an array.
  private var keysRead: [Set<String>] = []
  private var isFirstInContainer = true
  /// The position of the reader.
  public private(set) var byteOffset = 0

  /// A reader at the start of `bytes`.
  public init(_ bytes: [UInt8], dialect: Dialect = .strict) {
    self.bytes = bytes
    self.dialect = dialect
  }

  // MARK: - Structure

  /// The kind of the value that comes next.
  public mutating func peekKind() throws(JSONError) -> Kind {
    let next = try peek()
    switch next {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "N") where dialect == .python, UInt8(ascii: "I") where dialect == .python:
      return .number
    default: throw .unexpected(byte: next, byteOffset: byteOffset, expected: "a value")
    }
  }

  /// Enters the object that comes next.
  public mutating func beginObject() throws(JSONError) {
    try consume(UInt8(ascii: "{"), expected: "'{'")
    try enter()
  }

  /// The key of the next member, or nil after leaving the object at its end.
  public mutating func nextKey() throws(JSONError) -> String? {
    if try isAtEnd(UInt8(ascii: "}")) { return nil }
    _ = try peek()
    let start = byteOffset
    let key = try readString()
    try consume(UInt8(ascii: ":"), expected: "':'")
    guard keysRead[keysRead.count - 1].insert(key).inserted else {
      throw .duplicateKey(key, byteOffset: start)
    }
    return key
  }

  /// Enters the array that comes next.
  public mutating func beginArray() throws(JSONError) {
    try consume(UInt8(ascii: "["), expected: "'['")
    try enter()
  }

  /// Whether another element comes next; leaves the array where none does.
  public mutating func nextElement() throws(JSONError) -> Bool {
    try !isAtEnd(UInt8(ascii: "]"))
  }

  /// Checks that the value was the last thing: nothing but JSON's white space may follow it.
  ///
  /// - Throws: ``JSONError/trailing(byte:byteOffset:)``.
  public mutating func finish() throws(JSONError) {
    while byteOffset < bytes.count {
      guard [0x20, 0x09, 0x0A, 0x0D].contains(bytes[byteOffset]) else {
        throw .trailing(byte: bytes[byteOffset], byteOffset: byteOffset)
      }
      byteOffset += 1
    }
  }

  private mutating func enter() throws(JSONError) {
    guard keysRead.count < Self.depthLimit else {
      throw .tooDeep(byteOffset: byteOffset - 1, limit: Self.depthLimit)
    }
    keysRead.append([])
    isFirstInContainer = true
  }

  private mutating func isAtEnd(_ closing: UInt8) throws(JSONError) -> Bool {
    let byte = try peek()
    if byte == closing {
      byteOffset += 1
      keysRead.removeLast()
      isFirstInContainer = false
      return true
    }
    if isFirstInContainer {
      isFirstInContainer = false
    } else {
      let name = "',' or '\(Character(Unicode.Scalar(closing)))'"
      try consume(UInt8(ascii: ","), expected: name)
    }
    return false
  }

  // MARK: - Scalars

  /// Reads the string that comes next.
  public mutating func readString() throws(JSONError) -> String {
    try consume(UInt8(ascii: "\""), expected: "a string")
    let start = byteOffset
    var unescaped: [UInt8] = []
    var runStart = start
    while true {
      let byte = try current()
      switch byte {
      case UInt8(ascii: "\""):
        let run = bytes[runStart..<byteOffset]
        byteOffset += 1
        // Most strings have no escape and are taken as they stand.
        let text =
          runStart == start
          ? String(validating: run, as: UTF8.self)
          : String(validating: unescaped + run, as: UTF8.self)
        guard let text else { throw .invalidUTF8(byteOffset: start) }
        try checkCombiningCharacters(text, byteOffset: start)
        return text
      case UInt8(ascii: "\\"):
        unescaped.append(contentsOf: bytes[runStart..<byteOffset])
        unescaped.append(contentsOf: String(Character(try readEscape())).utf8)
        runStart = byteOffset
      case 0..<0x20:
        throw .controlCharacter(byte: byte, byteOffset: byteOffset)
      default:
        byteOffset += 1
      }
    }
  }

  /// The longest run of combining characters: that of Unicode's stream-safe text (UAX #15 §13).
  public static let combiningCharacterLimit = 30

  private func checkCombiningCharacters(_ text: String, byteOffset: Int) throws(JSONError) {
    var run = 0
    for scalar in text.unicodeScalars where !scalar.isASCII || run > 0 {
      run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
      guard run <= Self.combiningCharacterLimit else {
        throw .tooManyCombiningCharacters(
          byteOffset: byteOffset, limit: Self.combiningCharacterLimit)
      }
    }
  }

  private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
    let start = byteOffset
    byteOffset += 1
    let byte = try current()
    byteOffset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw .invalidEscape(byteOffset: start)
    }
    let first = try readHexadecimal(escapeAt: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(first), try current() == UInt8(ascii: "\\") else {
      throw .invalidEscape(byteOffset: start)
    }
    byteOffset += 1
    guard try current() == UInt8(ascii: "u") else { throw .invalidEscape(byteOffset: start) }
    byteOffset += 1
    let second = try readHexadecimal(escapeAt: start)
    guard UTF16.isTrailSurrogate(second) else { throw .invalidEscape(byteOffset: start) }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private mutating func readHexadecimal(escapeAt start: Int) throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try current())).hexDigitValue else {
        throw .invalidEscape(byteOffset: start)
      }
      value = value << 4 | UInt16(digit)
      byteOffset += 1
    }
    return value
  }

  /// Reads an integer from 0 to 2⁶⁴ − 1, written without sign, point or exponent.
  public mutating func readUnsignedInteger() throws(JSONError) -> UInt64 {
    let literal = try readNumberLiteral()
    let start = byteOffset - literal.utf8.count
    guard literal.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") }), let value = UInt64(literal) else {
      throw .notAnUnsignedInteger(literal: literal, byteOffset: start)
    }
    return value
  }

  /// Reads what Python writes for a number that JSON does not have; nil if another value comes
  /// next.
  mutating func readNotFinite() throws(JSONError) -> JSONValue.NotFinite? {
    guard dialect == .python else { return nil }
    _ = try peek()
    guard
      let found = JSONValue.NotFinite.allCases.first(where: {
        bytes[byteOffset...].starts(with: $0.rawValue.utf8)
      })
    else { return nil }
    byteOffset += found.rawValue.utf8.count
    return found
  }

  /// Reads the number that comes next and returns its text, which follows JSON's grammar.
  public mutating func readNumberLiteral() throws(JSONError) -> String {
    let kind = try peekKind()
    let start = byteOffset
    guard kind == .number else {
      throw .unexpected(byte: bytes[start], byteOffset: start, expected: "a number")
    }
    if bytes[byteOffset] == UInt8(ascii: "-") { byteOffset += 1 }
    let integer = skipDigits()
    let hasLeadingZero = integer.count > 1 && bytes[integer.lowerBound] == UInt8(ascii: "0")
    guard !integer.isEmpty, !hasLeadingZero else { throw .invalidNumber(byteOffset: start) }
    if next(is: UInt8(ascii: ".")) {
      byteOffset += 1
      guard !skipDigits().isEmpty else { throw .invalidNumber(byteOffset: start) }
    }
    if next(is: UInt8(ascii: "e")) || next(is: UInt8(ascii: "E")) {
      byteOffset += 1
      if next(is: UInt8(ascii: "+")) || next(is: UInt8(ascii: "-")) { byteOffset += 1 }
      guard !skipDigits().isEmpty else { throw .invalidNumber(byteOffset: start) }
    }
    return String(decoding: bytes[start..<byteOffset], as: UTF8.self)
  }

  private mutating func skipDigits() -> Range<Int> {
    let start = byteOffset
    while byteOffset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= bytes[byteOffset] {
      byteOffset += 1
    }
    return start..<byteOffset
  }

  /// Reads `true` or `false`.
  public mutating func readBoolean() throws(JSONError) -> Bool {
    if try peek() == UInt8(ascii: "t") {
      try consume(literal: "true")
      return true
    }
    try consume(literal: "false")
    return false
  }

  /// Reads `null`.
  public mutating func readNull() throws(JSONError) {
    try consume(literal: "null")
  }

  // MARK: - Bytes

  /// The next byte after white space, which is not consumed.
  private mutating func peek() throws(JSONError) -> UInt8 {
    if byteOffset == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw .byteOrderMark }
    while byteOffset < bytes.count {
      switch bytes[byteOffset] {
      case 0x20, 0x09, 0x0A, 0x0D: byteOffset += 1
      case let byte: return byte
      }
    }
    throw .truncated(byteOffset: byteOffset)
  }

  private func current() throws(JSONError) -> UInt8 {
    guard byteOffset < bytes.count else { throw .truncated(byteOffset: byteOffset) }
    return bytes[byteOffset]
  }

  private func next(is byte: UInt8) -> Bool {
    byteOffset < bytes.count && bytes[byteOffset] == byte
  }

  private mutating func consume(_ byte: UInt8, expected: String) throws(JSONError) {
    let found = try peek()
    guard found == byte else {
      throw .unexpected(byte: found, byteOffset: byteOffset, expected: expected)
    }
    byteOffset += 1
  }

  private mutating func consume(literal: StaticString) throws(JSONError) {
    _ = try peek()
    for byte in literal.description.utf8 {
      let found = try current()
      guard found == byte else {
        throw .unexpected(byte: found, byteOffset: byteOffset, expected: "'\(literal)'")
      }
      byteOffset += 1
    }
  }
}
