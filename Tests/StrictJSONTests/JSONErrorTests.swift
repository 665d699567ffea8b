import StrictJSON
import Testing

/// A document that breaks one rule, and the error that says so.
struct Refusal: Sendable, CustomTestStringConvertible {
  let document: [UInt8]
  let error: JSONError

  init(_ text: String, _ error: JSONError) {
    self.init(Array(text.utf8), error)
  }

  init(_ document: [UInt8], _ error: JSONError) {
    self.document = document
    self.error = error
  }

  var testDescription: String { String(decoding: document, as: UTF8.self) }
}

struct JSONErrorTests {
  @Test(arguments: [
    Refusal("", .truncated(byteOffset: 0)),
    Refusal(" \t\r\n", .truncated(byteOffset: 4)),
    Refusal("[", .truncated(byteOffset: 1)),
    Refusal("[1,", .truncated(byteOffset: 3)),
    Refusal("[[1]", .truncated(byteOffset: 4)),
    Refusal("{", .truncated(byteOffset: 1)),
    Refusal(#"{"a""#, .truncated(byteOffset: 4)),
    Refusal(#"{"a":"#, .truncated(byteOffset: 5)),
    Refusal(#"{"a":1"#, .truncated(byteOffset: 6)),
    Refusal(#"{"a":1,"#, .truncated(byteOffset: 7)),
    Refusal(#"""#, .truncated(byteOffset: 1)),
    Refusal(#""abc"#, .truncated(byteOffset: 4)),
    Refusal(#""\"#, .truncated(byteOffset: 2)),
    Refusal(#""\u12"#, .truncated(byteOffset: 5)),
    Refusal(#""\uD83D"#, .truncated(byteOffset: 7)),
    Refusal(#""\uD83D\"#, .truncated(byteOffset: 8)),
    Refusal(#""\uD83D\uDE0"#, .truncated(byteOffset: 12)),
    Refusal("tru", .truncated(byteOffset: 3)),
    Refusal("n", .truncated(byteOffset: 1)),
  ])
  func `a document that ends inside a value is refused where it ends`(refusal: Refusal) {
    #expect(throws: refusal.error) { try JSONValue(parsing: refusal.document) }
  }

  @Test(arguments: [
    unexpected("}", "}", 0, "a value"),
    unexpected("]", "]", 0, "a value"),
    unexpected("+1", "+", 0, "a value"),
    unexpected(".5", ".", 0, "a value"),
    unexpected("NaN", "N", 0, "a value"),
    unexpected("Infinity", "I", 0, "a value"),
    unexpected("'a'", "'", 0, "a value"),
    unexpected("// 1", "/", 0, "a value"),
    unexpected("[,1]", ",", 1, "a value"),
    unexpected("[1,]", "]", 3, "a value"),
    unexpected("[1,,2]", ",", 3, "a value"),
    unexpected("[1 2]", "2", 3, "',' or ']'"),
    unexpected("[1}", "}", 2, "',' or ']'"),
    unexpected("[truE]", "E", 4, "'true'"),
    unexpected("[truer]", "r", 5, "',' or ']'"),
    unexpected("falsy", "y", 4, "'false'"),
    unexpected("nil", "i", 1, "'null'"),
    unexpected("{a:1}", "a", 1, "a string"),
    unexpected("{1:2}", "1", 1, "a string"),
    unexpected("{,}", ",", 1, "a string"),
    unexpected(#"{"a":1,}"#, "}", 7, "a string"),
    unexpected(#"{"a" 1}"#, "1", 5, "':'"),
    unexpected(#"{"a"}"#, "}", 4, "':'"),
    unexpected(#"{"a":}"#, "}", 5, "a value"),
    unexpected(#"{"a":1 "b":2}"#, "\"", 7, "',' or '}'"),
    unexpected(#"{"a":1]"#, "]", 6, "',' or '}'"),
    unexpected("[1\u{B},2]", "\u{B}", 2, "',' or ']'"),
    Refusal("\u{FEFF}{}", .byteOrderMark),
    Refusal("[\u{A0}1]", .unexpected(byte: 0xC2, byteOffset: 1, expected: "a value")),
    Refusal([0x5B, 0x00, 0x5D], .unexpected(byte: 0, byteOffset: 1, expected: "a value")),
  ])
  func `a byte that cannot stand there is refused with what could`(refusal: Refusal) {
    #expect(throws: refusal.error) { try JSONValue(parsing: refusal.document) }
  }

  @Test(arguments: [
    Refusal("{} x", .trailing(byte: UInt8(ascii: "x"), byteOffset: 3)),
    Refusal("1 2", .trailing(byte: UInt8(ascii: "2"), byteOffset: 2)),
    Refusal("[]]", .trailing(byte: UInt8(ascii: "]"), byteOffset: 2)),
    Refusal("nulls", .trailing(byte: UInt8(ascii: "s"), byteOffset: 4)),
    Refusal("0x10", .trailing(byte: UInt8(ascii: "x"), byteOffset: 1)),
    Refusal("{}\0", .trailing(byte: 0, byteOffset: 2)),
    Refusal("{}\u{C}", .trailing(byte: 0x0C, byteOffset: 2)),
  ])
  func `only white space may follow the value`(refusal: Refusal) {
    #expect(throws: refusal.error) { try JSONValue(parsing: refusal.document) }
  }

  @Test(
    arguments: [
      ("a stray continuation", [0x80]), ("a byte that UTF-8 lacks", [0xFF]),
      ("an overlong NUL", [0xC0, 0x80]), ("an overlong slash", [0xE0, 0x80, 0xAF]),
      ("a surrogate", [0xED, 0xA0, 0x80]), ("a scalar past U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
      ("a sequence cut short", [0xE2, 0x82]), ("a sequence cut by an escape", [0xC3, 0x5C, 0x6E]),
    ] as [(String, [UInt8])])
  func `a string that is not UTF-8 is refused at its first byte`(fault: String, bytes: [UInt8]) {
    let document = Array(#"{"k": "a"#.utf8) + bytes + Array(#""}"#.utf8)
    #expect(throws: JSONError.invalidUTF8(byteOffset: 7)) { try JSONValue(parsing: document) }
    let key = Array(#"{""#.utf8) + bytes + Array(#"": 1}"#.utf8)
    #expect(throws: JSONError.invalidUTF8(byteOffset: 2)) { try JSONValue(parsing: key) }
  }

  @Test(arguments: UInt8(0)..<0x20)
  func `a control character stands in a string escaped or not at all`(byte: UInt8) {
    let document: [UInt8] = [0x22, 0x61, byte, 0x22]
    #expect(throws: JSONError.controlCharacter(byte: byte, byteOffset: 2)) {
      try JSONValue(parsing: document)
    }
  }

  @Test(
    arguments: [
      (#""\x41""#, 1), (#""\'""#, 1), (#""\a""#, 1), (#""\0""#, 1), (#""\U0041""#, 1),
      (#""ab\q""#, 3), (#""\u12G4""#, 1), (#""\u 123""#, 1), (#""\u+123""#, 1), (#""\u12""#, 1),
    ] as [(String, Int)])
  func `an escape that JSON does not have is refused at its backslash`(text: String, offset: Int) {
    #expect(throws: JSONError.invalidEscape(byteOffset: offset)) {
      try JSONValue(parsing: Array(text.utf8))
    }
  }

  @Test(
    arguments: [
      (#""\uD800""#, 1), (#""\uDBFF x""#, 1), (#""\uDC00""#, 1), (#""\uDFFF\uD800""#, 1),
      (#""a\uD83Dx""#, 2), (#""\uD83D\n""#, 1), (#""\uD83D\u0041""#, 1),
      (#""\uD83D\uD83D\uDE00""#, 1), (#""\uD83D\uE000""#, 1),
    ] as [(String, Int)])
  func `half a surrogate pair is refused at its backslash`(text: String, offset: Int) {
    #expect(throws: JSONError.invalidEscape(byteOffset: offset)) {
      try JSONValue(parsing: Array(text.utf8))
    }
  }

  @Test(arguments: [
    "-", "-a", "--1", "01", "00", "-01", "1.", "1.e5", "-.5", "1e", "1E+", "1e-", "1e+x", "0123",
    "1e400", "-1e309", "123456789e999999999999999999999",
  ])
  func `a number in another notation, or beyond binary64, is refused at its start`(number: String) {
    #expect(throws: JSONError.invalidNumber(byteOffset: 1)) {
      try JSONValue(parsing: Array("[\(number)]".utf8))
    }
  }

  // MARK: - Messages

  @Test(
    arguments: [
      (.truncated(byteOffset: 7), "the JSON ends at byte 7, inside a value"),
      (
        .unexpected(byte: UInt8(ascii: "]"), byteOffset: 3, expected: "a value"),
        "byte 3 of the JSON is ']', expected a value"
      ),
      (
        .unexpected(byte: 0x0B, byteOffset: 3, expected: "':'"),
        "byte 3 of the JSON is 0x0B, expected ':'"
      ),
      (.trailing(byte: 0x20, byteOffset: 9), "byte 9 of the JSON is 0x20, expected the end"),
      (.trailing(byte: 0xFF, byteOffset: 9), "byte 9 of the JSON is 0xFF, expected the end"),
      (.invalidUTF8(byteOffset: 4), "the string at byte 4 of the JSON is not UTF-8"),
      (
        .tooManyCombiningCharacters(byteOffset: 4, limit: 30),
        "the string at byte 4 of the JSON has more than 30 combining characters in a row"
      ),
      (
        .controlCharacter(byte: 0x09, byteOffset: 5),
        "byte 5 of the JSON is the unescaped control character 0x09"
      ),
      (
        .invalidEscape(byteOffset: 2),
        "the escape at byte 2 of the JSON is invalid, or half a surrogate pair"
      ),
      (.invalidNumber(byteOffset: 1), "the number at byte 1 of the JSON is malformed"),
      (
        .notAnUnsignedInteger(literal: "-1", byteOffset: 6),
        "'-1' at byte 6 of the JSON is not an integer from 0 to 2^64 - 1"
      ),
      (
        .duplicateKey("a\u{1B}", byteOffset: 8),
        #"the key 'a\u{1b}' at byte 8 of the JSON occurs twice in its object"#
      ),
      (.tooDeep(byteOffset: 64, limit: 64), "the JSON nests deeper than 64 levels at byte 64"),
      (.tooManyValues(limit: 1_000_000), "the JSON has more than 1000000 values"),
      (
        .wrongKind(path: "tensors[3].shape", expected: "an array", found: "null"),
        "'tensors[3].shape' is null, expected an array"
      ),
      (.missingKey(path: "", key: "version"), "the key 'version' is missing"),
      (.missingKey(path: "tool", key: "name"), "'tool' has no key 'name'"),
      (.unknownKey(path: "", key: "x"), "the key 'x' is unknown"),
      (.unknownKey(path: "tool", key: "x"), "'tool' has the unknown key 'x'"),
    ] as [(JSONError, String)])
  func `a message is one sentence with the place and the facts`(error: JSONError, message: String) {
    #expect(error.description == message)
  }

  /// A refusal of the ASCII character `found`.
  private static func unexpected(
    _ text: String, _ found: Unicode.Scalar, _ offset: Int, _ expected: String
  ) -> Refusal {
    Refusal(
      text, .unexpected(byte: UInt8(ascii: found), byteOffset: offset, expected: expected))
  }
}
