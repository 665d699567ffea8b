import StrictJSON
import Testing

struct JSONReaderTests {
  // MARK: - Pulling

  @Test func `a caller asks for what the format says stands next`() throws {
    var reader = JSONReader(Array(#" { "a" : [1, true, null] , "b": {"c": "d"} } "#.utf8))
    try reader.beginObject()
    #expect(try reader.nextKey() == "a")
    try reader.beginArray()
    #expect(try reader.nextElement())
    #expect(try reader.readUnsignedInteger() == 1)
    #expect(try reader.nextElement())
    #expect(try reader.readBoolean())
    #expect(try reader.nextElement())
    try reader.readNull()
    #expect(try !reader.nextElement())
    #expect(try reader.nextKey() == "b")
    try reader.beginObject()
    #expect(try reader.nextKey() == "c")
    #expect(try reader.readString() == "d")
    #expect(try reader.nextKey() == nil)
    #expect(try reader.nextKey() == nil)
    #expect(reader.byteOffset == 44)
    try reader.finish()
    #expect(reader.byteOffset == 45)
  }

  @Test(
    arguments: [
      ("{}", .object), ("[]", .array), ("\"\"", .string), ("true", .boolean), ("false", .boolean),
      ("null", .null), ("-1", .number), ("0", .number), (" \t\r\n9", .number),
    ] as [(String, JSONReader.Kind)])
  func `the kind of a value shows in its first byte`(text: String, kind: JSONReader.Kind) throws {
    var reader = JSONReader(Array(text.utf8))
    #expect(try reader.peekKind() == kind)
  }

  @Test(
    arguments: [
      (.null, "null"), (.boolean, "a boolean"), (.number, "a number"), (.string, "a string"),
      (.array, "an array"), (.object, "an object"),
    ] as [(JSONReader.Kind, String)])
  func `a kind has its article in messages`(kind: JSONReader.Kind, text: String) {
    #expect(kind.described == text)
  }

  @Test func `a value of another kind than asked for is refused where it stands`() {
    let bytes = Array(" [1]".utf8)
    let found = UInt8(ascii: "[")
    #expect(throws: JSONError.unexpected(byte: found, byteOffset: 1, expected: "'{'")) {
      var reader = JSONReader(bytes)
      try reader.beginObject()
    }
    #expect(throws: JSONError.unexpected(byte: found, byteOffset: 1, expected: "a string")) {
      var reader = JSONReader(bytes)
      _ = try reader.readString()
    }
    #expect(throws: JSONError.unexpected(byte: found, byteOffset: 1, expected: "a number")) {
      var reader = JSONReader(bytes)
      _ = try reader.readNumberLiteral()
    }
    #expect(throws: JSONError.unexpected(byte: found, byteOffset: 1, expected: "'null'")) {
      var reader = JSONReader(bytes)
      try reader.readNull()
    }
    #expect(throws: JSONError.unexpected(byte: 0x31, byteOffset: 2, expected: "'['")) {
      var reader = JSONReader(bytes)
      try reader.beginArray()
      _ = try reader.nextElement()
      try reader.beginArray()
    }
  }

  // MARK: - Strings

  @Test(
    arguments: [
      (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#""\u0041\u00e9\u20AC\uFFFF""#, "Aé€\u{FFFF}"), (#""\uD83D\uDE00!""#, "😀!"),
      (#""\ud800\udc00\uDBFF\uDFFF""#, "\u{10000}\u{10FFFF}"), (#""\u0000x""#, "\0x"),
      ("\"é😀\u{7F}\u{2028}\"", "é😀\u{7F}\u{2028}"), (#""é\né""#, "é\né"),
      (#"  "a""#, "a"),
    ] as [(String, String)])
  func `a string means its characters with the escapes replaced`(
    text: String, expected: String
  ) throws {
    var reader = JSONReader(Array(text.utf8))
    let string = try reader.readString()
    // Scalar for scalar: Swift would take canonically equivalent texts as equal.
    #expect(Array(string.unicodeScalars) == Array(expected.unicodeScalars))
    #expect(reader.byteOffset == text.utf8.count)
  }

  @Test(arguments: ["e", "", "\u{E9}"])
  func `30 combining characters in a row are accepted, and one more is refused`(base: String) throws
  {
    let marks = String(repeating: "\u{301}\u{316}", count: 15)
    // After a character that does not combine, the count begins anew.
    let text = "\"\(base)\(marks)x\(marks)\""
    var reader = JSONReader(Array(text.utf8))
    #expect(try reader.readString().unicodeScalars.count == base.unicodeScalars.count + 61)
    for mark in ["\u{301}", #"\u0301"#] {
      let document = Array("{\"\(base)\(marks)\(mark)\":1}".utf8)
      #expect(throws: JSONError.tooManyCombiningCharacters(byteOffset: 2, limit: 30)) {
        try JSONValue(parsing: document)
      }
    }
  }

  // MARK: - Numbers

  @Test(
    arguments: [
      ("0", 0), ("1", 1), ("255", 255), ("9223372036854775808", 1 << 63),
      ("18446744073709551615", .max),
    ] as [(String, UInt64)])
  func `an unsigned integer reads exactly up to 64 bits`(text: String, value: UInt64) throws {
    var reader = JSONReader(Array(text.utf8))
    #expect(try reader.readUnsignedInteger() == value)
  }

  @Test(arguments: [
    "-1", "-0", "1.0", "1.5", "1e2", "1E2", "18446744073709551616", "99999999999999999999999",
  ])
  func `a number that is not an unsigned 64-bit integer is refused with its text`(literal: String) {
    #expect(throws: JSONError.notAnUnsignedInteger(literal: literal, byteOffset: 1)) {
      var reader = JSONReader(Array(" \(literal)".utf8))
      _ = try reader.readUnsignedInteger()
    }
  }

  @Test(arguments: ["0", "-0", "10", "0.5", "-12.50", "1e5", "1E+05", "9.9e-300", "0e0", "1e999"])
  func `a number's text is returned as it stands`(literal: String) throws {
    var reader = JSONReader(Array("\(literal) ".utf8))
    #expect(try reader.readNumberLiteral() == literal)
    #expect(reader.byteOffset == literal.utf8.count)
  }

  @Test func `a very long number is read to its end`() throws {
    let literal = String(repeating: "9", count: 100_000)
    var reader = JSONReader(Array(literal.utf8))
    #expect(try reader.readNumberLiteral() == literal)
  }

  // MARK: - Depth

  @Test func `64 levels are read and the bracket that opens the 65th is refused`() throws {
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    var value = try JSONValue(parsing: Array(deepest.utf8))
    var depth = 0
    while case .array(let elements) = value, let element = elements.first {
      depth += 1
      value = element
    }
    #expect(depth == 63)
    #expect(throws: JSONError.tooDeep(byteOffset: 64, limit: 64)) {
      try JSONValue(parsing: Array(repeating: UInt8(ascii: "["), count: 100_000))
    }
    let objects = String(repeating: #"{"a": "#, count: 65)
    #expect(throws: JSONError.tooDeep(byteOffset: 64 * 6, limit: 64)) {
      try JSONValue(parsing: Array(objects.utf8))
    }
  }

  @Test func `only what is open counts as depth`() throws {
    let text = "[" + Array(repeating: "[{}]", count: 1000).joined(separator: ",") + "]"
    guard case .array(let elements) = try JSONValue(parsing: Array(text.utf8)) else {
      Issue.record("the document is an array")
      return
    }
    #expect(elements.count == 1000)
  }

  // MARK: - Keys

  @Test(
    arguments: [
      (#"{"a":1,"a":2}"#, "a", 7), (#"{"a":1, "\u0061":2}"#, "a", 8), (#"{"":1,"":2}"#, "", 6),
      (#"{"a":{},"a":1}"#, "a", 8), (#"{"b":[{"a":{"a":1},"a":2}]}"#, "a", 19),
      // One precomposed letter, and a letter with a combining mark: canonically equivalent.
      ("{\"\u{E9}\":1,\"e\u{301}\":2}", "e\u{301}", 8),
      (#"{"\u00E9":1,"e\u0301":2}"#, "\u{E9}", 12),
      ("{\"\u{212B}\":1,\"\u{C5}\":2}", "\u{C5}", 9),
    ] as [(String, String, Int)])
  func `the second of two equal keys is refused, however it is written`(
    text: String, key: String, offset: Int
  ) {
    #expect(throws: JSONError.duplicateKey(key, byteOffset: offset)) {
      try JSONValue(parsing: Array(text.utf8))
    }
  }

  @Test(arguments: [
    #"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#, #"{"a":1,"A":2}"#, #"{"a":1,"a ":2,"a\u0000":3}"#,
    #"{"a":"a","b":"a"}"#,
  ])
  func `the same key in different objects, or a different key, is not a duplicate`(
    text: String
  ) throws {
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(value.kind == .object)
  }

  // MARK: - The end

  @Test func `by default JSON's four kinds of white space may follow the value`() throws {
    var reader = JSONReader(Array("[] \t\r\n".utf8))
    try reader.beginArray()
    _ = try reader.nextElement()
    try reader.finish()
    #expect(reader.byteOffset == 6)
  }

  @Test(
    arguments: [
      ("[]", nil), ("[]   ", nil), ("[]  \n\r", nil), ("[]\t", nil), ("[] \0", 0), ("[]x", 0x78),
    ]
      as [(String, UInt8?)])
  func `white space may follow the value, and nothing else`(text: String, refused: UInt8?) throws {
    let bytes = Array(text.utf8)
    var reader = JSONReader(bytes)
    try reader.beginArray()
    _ = try reader.nextElement()
    let finished = Result { () throws(JSONError) in try reader.finish() }
    if let refused {
      #expect(
        finished.error == .trailing(byte: refused, byteOffset: bytes.count - 1))
    } else {
      #expect(finished.error == nil)
      #expect(reader.byteOffset == bytes.count)
    }
  }

  // MARK: - Python's dialect

  @Test(arguments: [
    ("NaN", JSONValue.NotFinite.nan), ("Infinity", .infinity), ("-Infinity", .minusInfinity),
  ])
  func `what Python writes for a number that JSON does not have is read where asked`(
    text: String, value: JSONValue.NotFinite
  ) throws {
    let bytes = Array("{\"a\": [\(text), -1, 2]}".utf8)
    let document = try JSONValue(parsing: bytes, dialect: .python)
    #expect(document == ["a": [.notFinite(value), -1, 2]])
    #expect(String(decoding: document.canonicalBytes, as: UTF8.self) == "{\"a\":[\(text),-1,2]}")
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    #expect(document != ["a": [.notFinite(value), -1, 3]] && document == document)
  }

  @Test(arguments: [
    "nan", "NaNa", "Nan", "+Infinity", "Inf", "--Infinity", "- Infinity", "N", "I", "-I",
  ])
  func `other spellings are not numbers to Python either`(text: String) {
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: Array("[\(text)]".utf8), dialect: .python)
    }
  }

  @Test func `a byte order mark is named`() {
    let bytes = [0xEF, 0xBB, 0xBF] + Array("{}".utf8)
    #expect(throws: JSONError.byteOrderMark) { try JSONValue(parsing: bytes) }
    #expect(throws: JSONError.byteOrderMark) { try JSONValue(parsing: bytes, dialect: .python) }
    #expect(JSONError.byteOrderMark.description.contains("without one"))
  }
}

extension Result {
  fileprivate var error: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
