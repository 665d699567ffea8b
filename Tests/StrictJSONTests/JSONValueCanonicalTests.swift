import StrictJSON
import TestSupport
import Testing

struct JSONValueCanonicalTests {
  @Test func `numbers print as ECMAScript prints them`() throws {
    let document = try JSONValue(parsing: try Fixtures.bytes("vectors/canonical_numbers.json"))
    guard case .array(let pairs) = document else {
      Issue.record("the fixture is an array")
      return
    }
    #expect(pairs.count == 3000)
    var wrong: [String] = []
    for pair in pairs {
      guard case .array(let texts) = pair, texts.count == 2,
        case .string(let hexadecimal) = texts[0], let bits = UInt64(hexadecimal, radix: 16),
        case .string(let expected) = texts[1]
      else {
        Issue.record("a pair is the bits and the text of a number")
        continue
      }
      let value = Double(bitPattern: bits)
      let text = canonical(.number(value))
      if text != expected { wrong.append("\(hexadecimal): \(text), expected \(expected)") }
      // The shortest digits still are the number, whatever prints them.
      if Double(text) != value { wrong.append("\(hexadecimal): \(text) is another number") }
    }
    #expect(wrong == [])
  }

  @Test(
    arguments: [
      (0, "0"), (-1, "-1"), (1 << 53, "9007199254740992"), (-(1 << 53), "-9007199254740992"),
      ((1 << 53) + 1, "9007199254740992"), (.max, "9223372036854776000"),
      (.min, "-9223372036854776000"),
    ] as [(Int, String)])
  func `integers are binary64 numbers too, exact up to 2⁵³`(value: Int, text: String) {
    #expect(canonical(.integer(value)) == text)
  }

  @Test func `a number that is not finite prints as null, as ECMAScript has it`() {
    let values: [JSONValue] = [
      .number(.infinity), .number(-.infinity), .number(.nan), .number(-0.0),
    ]
    #expect(canonical(.array(values)) == "[null,null,null,0]")
  }

  @Test func `the example of RFC 8785 §3.2.2 prints as it does there`() throws {
    let text = #"""
      {
        "numbers": [333333333.33333329, 1E30, 4.50,
                    2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      }
      """#
    let expected =
      #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
      + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(canonical(try JSONValue(parsing: Array(text.utf8))) == expected)
  }

  @Test func `keys sort by UTF-16 code units as in RFC 8785 §3.2.3`() {
    // As Unicode scalars, or as UTF-8, U+1F600 would stand after U+FB33.
    let keys = ["\u{20AC}", "\r", "\u{FB33}", "1", "\u{1F600}", "\u{80}", "\u{F6}"]
    let value = JSONValue.object(Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }))
    #expect(
      canonical(value)
        == "{\"\\r\":1,\"1\":1,\"\u{80}\":1,\"ö\":1,\"€\":1,\"😀\":1,\"\u{FB33}\":1}")
  }

  @Test func `a key sorts before those that it begins, at every level`() throws {
    let value: JSONValue = ["ab": 1, "a": ["b": 1, "B": 2, "": 3], "": [], "b": 1]
    #expect(canonical(value) == #"{"":[],"a":{"":3,"B":2,"b":1},"ab":1,"b":1}"#)
  }

  @Test func `of control characters five have short escapes and the rest four lower-case digits`() {
    let short: [UInt8: String] = [
      0x08: #"\b"#, 0x09: #"\t"#, 0x0A: #"\n"#, 0x0C: #"\f"#, 0x0D: #"\r"#,
    ]
    for byte in UInt8(0)..<0x20 {
      let text = String(Character(Unicode.Scalar(byte)))
      let digits = String(byte, radix: 16)
      let long = #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
      #expect(canonical(.string(text)) == "\"\(short[byte] ?? long)\"")
    }
  }

  @Test(
    arguments: [
      (#"""#, #""\"""#), (#"\"#, #""\\""#), ("/", #""/""#), ("\u{7F}", "\"\u{7F}\""),
      ("é€😀\u{2028}", "\"é€😀\u{2028}\""), ("e\u{301}", "\"e\u{301}\""),
    ] as [(String, String)])
  func `nothing but quote, backslash and controls is escaped, and nothing is normalised`(
    text: String, expected: String
  ) {
    #expect(JSONValue.string(text).canonicalBytes == Array(expected.utf8))
  }

  @Test func `the canonical text reads back as the same value, and prints the same again`() throws {
    var generator = SeededGenerator(seed: 8785)
    for _ in 0..<2000 {
      let value = randomValue(depth: 4, &generator)
      let printed = value.canonicalBytes
      let read = try JSONValue(parsing: printed)
      #expect(read == value)
      #expect(read.canonicalBytes == printed)
    }
  }

  // MARK: - Helpers

  private func canonical(_ value: JSONValue) -> String {
    String(decoding: value.canonicalBytes, as: UTF8.self)
  }

  private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
    case 0: .null
    case 1: .boolean(.random(using: &generator))
    case 2: .integer(.random(in: -(1 << 53)...(1 << 53), using: &generator))
    case 3: randomNumber(&generator)
    case 4, 5: .string(randomText(&generator))
    case 6:
      .array(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
          randomValue(depth: depth - 1, &generator)
        })
    default:
      .object(
        Dictionary(
          (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
            (randomText(&generator), randomValue(depth: depth - 1, &generator))
          }, uniquingKeysWith: { first, _ in first }))
    }
  }

  /// A finite number that is no integer of 64 bits, which would read back as `.integer`.
  private func randomNumber(_ generator: inout SeededGenerator) -> JSONValue {
    while true {
      let value = Double(bitPattern: generator.next())
      if value.isFinite, Int(exactly: value) == nil { return .number(value) }
    }
  }

  private func randomText(_ generator: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0..<8, using: &generator) {
      let limit: UInt32 = [0x80, 0x800, 0x10000, 0x110000].randomElement(using: &generator) ?? 0
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
