import StrictJSON
import Testing

struct JSONObjectTests {
  // MARK: - Taking

  @Test func `members are taken by kind and then are gone`() throws {
    var object = try JSONObject([
      "text": "x", "count": 7, "zero": 0, "number": .number(0.5), "whole": 3, "flag": false,
      "object": ["inner": 1], "list": [["a": 1], [:]], "any": .null,
    ])
    #expect(try object.string("text") == "x")
    #expect(try object.count("count") == 7)
    #expect(try object.count("zero") == 0)
    #expect(try object.number("number") == 0.5)
    #expect(try object.number("whole") == 3)
    #expect(try object.boolean("flag") == false)
    var inner = try object.object("object")
    #expect(inner.path == "object")
    #expect(try inner.count("inner") == 1)
    let list = try object.objects("list")
    #expect(list.map(\.path) == ["list[0]", "list[1]"])
    #expect(list.map(\.remainingKeys) == [["a"], []])
    #expect(object.remainingKeys == ["any"])
    #expect(try object.take("any") == .null)
    try object.finish()
    #expect(throws: JSONError.missingKey(path: "", key: "text")) { try object.string("text") }
  }

  @Test func `an absent member is nil where the format lets it be absent`() throws {
    var object = try JSONObject([:])
    #expect(object.takeIfPresent("k") == nil)
    #expect(try object.stringIfPresent("k") == nil)
    #expect(try object.countIfPresent("k") == nil)
    #expect(try object.numberIfPresent("k") == nil)
    #expect(try object.booleanIfPresent("k") == nil)
    #expect(try object.objectIfPresent("k")?.path == nil)
    #expect(try object.objectsIfPresent("k")?.count == nil)
  }

  @Test(arguments: Getter.all)
  func `an absent member that the format requires is missing`(getter: Getter) throws {
    let document: JSONValue = ["other": 1]
    #expect(throws: JSONError.missingKey(path: "", key: "k")) {
      var object = try JSONObject(document)
      try getter.take(&object, "k")
    }
    #expect(throws: JSONError.missingKey(path: "outer", key: "k")) {
      var object = try JSONObject(document, path: "outer")
      try getter.take(&object, "k")
    }
  }

  @Test(arguments: Getter.all)
  func `null is another kind and not an absent member`(getter: Getter) {
    let error = JSONError.wrongKind(path: "outer.k", expected: getter.expected, found: "null")
    #expect(throws: error) {
      var object = try JSONObject(["k": .null], path: "outer")
      try getter.take(&object, "k")
    }
  }

  @Test(arguments: Getter.all)
  func `a member of another kind is refused with both kinds`(getter: Getter) {
    let values: [(JSONValue, kind: String, found: String)] = [
      ("x", "a string", "a string"), (-1, "a number", "-1"), (true, "true or false", "true"),
      ([], "an array", "an array"), ([:], "an object", "an object"),
    ]
    for (value, kind, found) in values where kind != getter.expected {
      #expect(throws: JSONError.wrongKind(path: "k", expected: getter.expected, found: found)) {
        var object = try JSONObject(["k": value])
        try getter.take(&object, "k")
      }
    }
  }

  @Test(
    arguments: [
      (-1, "-1"), (.integer(.min), "-9223372036854775808"), (.number(5), "5.0"),
      (.number(1.5), "1.5"),
      (.number(1e30), "1e+30"), (.number(-0.0), "-0.0"),
    ] as [(JSONValue, String)])
  func `a count is an integer from zero, written as one`(value: JSONValue, found: String) {
    #expect(
      throws: JSONError.wrongKind(path: "k", expected: "a non-negative integer", found: found)
    ) {
      var object = try JSONObject(["k": value])
      _ = try object.count("k")
    }
  }

  // MARK: - Paths

  @Test func `a document that is not an object is refused by name`() {
    #expect(
      throws: JSONError.wrongKind(
        path: "the document", expected: "an object", found: "an array")
    ) { try JSONObject([1]) }
    #expect(
      throws: JSONError.wrongKind(path: "model", expected: "an object", found: "1")
    ) { try JSONObject(1, path: "model") }
  }

  @Test func `a path goes through objects and arrays`() throws {
    let document: JSONValue = ["tensors": [[:], ["planes": [["offset": "64"]]]]]
    var object = try JSONObject(document)
    var tensor = try object.objects("tensors")[1]
    var plane = try tensor.objects("planes")[0]
    #expect(plane.path(of: "offset") == "tensors[1].planes[0].offset")
    #expect(
      throws: JSONError.wrongKind(
        path: "tensors[1].planes[0].offset", expected: "a non-negative integer", found: "a string")
    ) { try plane.count("offset") }
  }

  @Test func `an element that is not an object is refused by its index`() {
    #expect(
      throws: JSONError.wrongKind(path: "list[1]", expected: "an object", found: "5")
    ) {
      var object = try JSONObject(["list": [[:], 5]])
      _ = try object.objects("list")
    }
  }

  // MARK: - The end

  @Test func `what was not taken is unknown, the lowest key first`() throws {
    var object = try JSONObject(["b": 1, "a": 2, "known": 3], path: "tool")
    _ = try object.count("known")
    #expect(object.remainingKeys == ["a", "b"])
    #expect(throws: JSONError.unknownKey(path: "tool", key: "a")) { try object.finish() }
  }

  /// One of the ways to take a member that must be there.
  struct Getter: Sendable, CustomTestStringConvertible {
    let expected: String
    let take: @Sendable (inout JSONObject, String) throws(JSONError) -> Void

    var testDescription: String { expected }

    static let all: [Getter] = [
      Getter(expected: "a string") { (object, key) throws(JSONError) in
        _ = try object.string(key)
      },
      Getter(expected: "a non-negative integer") { (object, key) throws(JSONError) in
        _ = try object.count(key)
      },
      Getter(expected: "a number") { (object, key) throws(JSONError) in
        _ = try object.number(key)
      },
      Getter(expected: "true or false") { (object, key) throws(JSONError) in
        _ = try object.boolean(key)
      },
      Getter(expected: "an object") { (object, key) throws(JSONError) in
        _ = try object.object(key)
      },
      Getter(expected: "an array") { (object, key) throws(JSONError) in
        _ = try object.objects(key)
      },
    ]
  }
}
