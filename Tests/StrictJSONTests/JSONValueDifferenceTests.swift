import StrictJSON
import Testing

struct JSONValueDifferenceTests {
  @Test(
    arguments: [
      (.null, .null), (5, .number(5)), (.number(0), .number(-0.0)),
      (["a": [1, "x"]], ["a": [1, "x"]]),
      (["a": 5, "b": [.number(2)]], ["b": [2], "a": .number(5)]),
    ] as [(JSONValue, JSONValue)])
  func `equal documents, numbers compared by value, have no difference`(
    found: JSONValue, expected: JSONValue
  ) {
    #expect(found.firstDifference(from: expected) == nil)
    #expect(expected.firstDifference(from: found) == nil)
  }

  @Test(arguments: [
    Case(found: 1, expected: 2, path: "", texts: ("1", "2")),
    Case(found: 1, expected: "1", path: "", texts: ("1", #""1""#)),
    Case(found: [], expected: [:], path: "", texts: ("[]", "{}")),
    Case(found: ["a": 1], expected: ["a": .null], path: "a", texts: ("1", "null")),
    Case(
      found: ["tensors": [["a": 1], ["planes": [["offset": 64]]]]],
      expected: ["tensors": [["a": 1], ["planes": [["offset": 128]]]]],
      path: "tensors[1].planes[0].offset", texts: ("64", "128")),
    Case(
      found: ["a": ["x": 1]], expected: ["a": ["x": 1, "y": "z"]], path: "a.y",
      texts: ("missing", #""z""#)),
    Case(
      found: ["a": 1, "b": true], expected: ["a": 1], path: "b", texts: ("true", "no such key")),
    Case(
      found: ["a": [1, 2]], expected: ["a": [1, 2, 3]], path: "a", texts: ("[1,2]", "[1,2,3]")),
  ])
  func `the place is named by its path, with what is on either side`(_ example: Case) throws {
    let difference = try #require(example.found.firstDifference(from: example.expected))
    #expect(difference.path == example.path)
    #expect(difference.found == example.foundText)
    #expect(difference.expected == example.expectedText)
  }

  @Test func `the first difference is the one with the lowest key or index`() throws {
    let found: JSONValue = ["b": 1, "a": [0, 1, 2], "c": 1]
    let expected: JSONValue = ["b": 2, "a": [0, 9, 9], "d": 1]
    #expect(found.firstDifference(from: expected)?.path == "a[1]")
  }

  @Test func `a text of 100 characters is shown whole and a longer one is cut`() throws {
    // With its quotes the string has 100 characters.
    let whole = String(repeating: "x", count: 98)
    let difference = try #require(
      JSONValue.string(whole).firstDifference(from: .string(whole + "yz")))
    #expect(difference.found == "\"\(whole)\"")
    #expect(difference.expected == "\"\(whole)y…")
  }

  /// Two documents and how they differ.
  struct Case: Sendable, CustomTestStringConvertible {
    let found: JSONValue
    let expected: JSONValue
    let path: String
    let foundText: String
    let expectedText: String

    init(
      found: JSONValue, expected: JSONValue, path: String,
      texts: (found: String, expected: String)
    ) {
      self.found = found
      self.expected = expected
      self.path = path
      foundText = texts.found
      expectedText = texts.expected
    }

    var testDescription: String { "\(foundText), expected \(expectedText) at '\(path)'" }
  }
}
