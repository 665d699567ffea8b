import StrictJSON
import Testing

struct JSONValueTests {
  @Test func `a document becomes a tree`() throws {
    let text = """
      { "null": null, "yes": true, "no": false, "n": -7, "x": 2.5e1, "s": "a\\tb",
        "list": [1, [], {}, "z"] }

      """
    let expected: JSONValue = [
      "null": .null, "yes": true, "no": false, "n": -7, "x": .number(25), "s": "a\tb",
      "list": [1, [], [:], "z"],
    ]
    #expect(try parse(text) == expected)
  }

  @Test(
    arguments: [
      ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ] as [(String, Int)])
  func `a number without point and exponent that fits an Int is an integer`(
    text: String, value: Int
  ) throws {
    #expect(try parse(text) == .integer(value))
  }

  @Test(
    arguments: [
      ("5.0", 5), ("1e3", 1000), ("-2.5", -2.5), ("9223372036854775808", 0x1p63),
      ("-9223372036854775809", -0x1p63),
      ("123456789012345678901234567890", 123_456_789_012_345_677_877_719_597_056),
      ("1.7976931348623157e308", .greatestFiniteMagnitude), ("5e-324", 0x1p-1074),
      ("2e-324", 0), ("1e-400", 0), ("0.1", 0.1),
    ] as [(String, Double)])
  func `any other number is rounded to binary64`(text: String, value: Double) throws {
    #expect(try parse(text) == .number(value))
  }

  @Test func `minus zero keeps its sign`() throws {
    for text in ["-0", "-0.0", "-0e5", "-1e-400"] {
      guard case .number(let value) = try parse(text) else {
        Issue.record("\(text) is no integer")
        continue
      }
      #expect(value == 0 && value.sign == .minus, "\(text)")
    }
  }

  @Test(
    arguments: [
      (.null, .null), (true, .boolean), (1, .number), (.number(1.5), .number), ("", .string),
      ([], .array), ([:], .object),
    ] as [(JSONValue, JSONReader.Kind)])
  func `a value knows its kind`(value: JSONValue, kind: JSONReader.Kind) {
    #expect(value.kind == kind)
  }

  @Test func `the last value counts for a key that a literal gives twice`() {
    #expect(["a": 1, "a": 2] as JSONValue == .object(["a": .integer(2)]))
  }

  @Test func `a million values are read and one more is refused`() throws {
    // The array itself is a value.
    let elements = Array(repeating: "0", count: JSONValue.countLimit - 1).joined(separator: ",")
    guard case .array(let values) = try parse("[\(elements)]") else {
      Issue.record("the document is an array")
      return
    }
    #expect(values.count == 999_999)
    #expect(throws: JSONError.tooManyValues(limit: 1_000_000)) {
      try parse("[\(elements),0]")
    }
  }

  private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }
}
