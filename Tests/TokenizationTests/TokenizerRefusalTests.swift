import Foundation
import TestSupport
import Testing
import Tokenization

/// What a `tokenizer.json` can ask for beyond the release's kind is refused by its name.
struct TokenizerRefusalTests {
  private func document() throws -> [String: Any] {
    let data = Data(try Fixtures.bytes("tokenizer/tokenizer.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func refusal(_ change: (inout [String: Any]) -> Void) throws -> String? {
    var document = try document()
    change(&document)
    let data = try JSONSerialization.data(withJSONObject: document)
    do throws(TokenizerError) {
      _ = try Tokenizer(parsing: Array(data))
      return nil
    } catch {
      return error.description
    }
  }

  /// Changes a member of an object inside.
  private func changing(
    _ key: String, _ member: String, to value: Any
  ) throws -> String? {
    try refusal { document in
      var object = document[key] as? [String: Any] ?? [:]
      object[member] = value
      document[key] = object
    }
  }

  @Test func `the file as it is is taken`() throws {
    #expect(try refusal { _ in } == nil)
    let tokenizer = try Tokenizer(parsing: Fixtures.bytes("tokenizer/tokenizer.json"))
    #expect(tokenizer.vocabularySize == 2048)
    #expect(tokenizer.specialTokens.count == 32)
  }

  @Test func `a normalizer is refused`() throws {
    #expect(
      try refusal { $0["normalizer"] = ["type": "NFC"] }
        == "tokenizer.json: normalizer is '{\"type\":\"NFC\"}', which is not supported; give token "
        + "ids instead")
  }

  @Test(arguments: ["truncation", "padding"])
  func `settings of a call are not looked at`(key: String) throws {
    for value in [["max_length": 3], [Int](), "anything", 7] as [any Sendable] {
      #expect(try refusal { $0[key] = value } == nil)
    }
  }

  @Test func `an unknown member is refused unless it is null`() throws {
    #expect(
      try refusal { $0["novelty"] = false }
        == "tokenizer.json: novelty is 'present', which is not supported; give token ids instead")
    #expect(try refusal { $0["novelty"] = NSNull() } == nil)
    #expect(try changing("model", "novelty", to: NSNull()) == nil)
    #expect(
      try refusal { $0["version"] = "2.0" }
        == "tokenizer.json: version is '2.0', which is not supported; give token ids instead")
  }

  @Test(
    arguments: [
      ("UTF-8", [0xEF, 0xBB, 0xBF]), ("UTF-16", [0xFF, 0xFE]), ("UTF-16", [0xFE, 0xFF]),
    ] as [(String, [UInt8])])
  func `a byte order mark is named`(encoding: String, mark: [UInt8]) throws {
    let bytes = mark + (try Fixtures.bytes("tokenizer/tokenizer.json"))
    let error = #expect(throws: TokenizerError.byteOrderMark(encoding: encoding)) {
      try Tokenizer(parsing: bytes)
    }
    #expect(
      error?.description
        == "tokenizer.json begins with the byte order mark of \(encoding); save it as UTF-8 "
        + "without one")
  }

  @Test(
    arguments: [
      ("type", "Unigram"), ("dropout", 0.1), ("end_of_word_suffix", "</w>"),
      ("continuing_subword_prefix", "##"), ("novelty", 1),
    ] as [(String, any Sendable)])
  func `other models are refused`(key: String, value: any Sendable) throws {
    let refusal = try changing("model", key, to: value)
    #expect(refusal?.hasPrefix("tokenizer.json: model.\(key) is ") == true, "\(refusal ?? "")")
  }

  @Test func `another pattern is refused with its text`() throws {
    let refusal = try refusal { document in
      document["pre_tokenizer"] = [
        "type": "Sequence",
        "pretokenizers": [
          ["type": "Split", "pattern": ["Regex": "(a+)+$"], "behavior": "Removed", "invert": true],
          ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
        ],
      ]
    }
    #expect(refusal?.contains("pattern.Regex is '(a+)+$'") == true, "\(refusal ?? "")")
  }

  @Test func `a merge of what is not a token is refused with its place`() throws {
    let refusal = try changing("model", "merges", to: [["t", "h"], ["t", "☃"]])
    #expect(
      refusal
        == "tokenizer.json: model.merges[1]: expected two tokens that join into a third, found "
        + "'[\"t\",\"☃\"]'")
  }

  @Test func `an id that is given twice is refused`() throws {
    let refusal = try refusal { document in
      var model = document["model"] as? [String: Any] ?? [:]
      var vocabulary = model["vocab"] as? [String: Any] ?? [:]
      vocabulary["th"] = vocabulary["t"]
      model["vocab"] = vocabulary
      document["model"] = model
    }
    #expect(refusal?.contains("expected a unique id") == true, "\(refusal ?? "")")
  }

  /// The refusal of one more added token.
  private func refusal(ofToken changes: [String: any Sendable]) throws -> String? {
    var token: [String: any Sendable] = [
      "id": 2048, "content": "new", "special": false, "normalized": true, "single_word": false,
      "lstrip": false, "rstrip": false,
    ]
    token.merge(changes) { $1 }
    return try refusal { document in
      document["added_tokens"] = (document["added_tokens"] as? [Any] ?? []) + [token]
    }
  }

  @Test func `an added token is of the right shape`() throws {
    #expect(try refusal(ofToken: [:]) == nil)
    let place = "tokenizer.json: added_tokens[32]"
    #expect(try refusal(ofToken: ["content": ""]) == "\(place).content: expected a text, found ''")
    #expect(
      try refusal(ofToken: ["lstrip": "yes"])
        == "tokenizer.json: 'added_tokens[32].lstrip' is a string, expected true or false")
    #expect(
      try refusal(ofToken: ["pattern": 1])
        == "\(place).pattern is 'present', which is not supported; give token ids instead")
    #expect(
      try refusal(ofToken: ["content": String(repeating: "x", count: 1 << 20)])
        == "tokenizer.json: added_tokens: expected at most 1048576 characters in all, found 'more'")
  }

  @Test func `an added token does not get an id that the vocabulary has`() throws {
    let refusal = try refusal { document in
      var model = document["model"] as? [String: Any] ?? [:]
      var vocabulary = model["vocab"] as? [String: Any] ?? [:]
      // 2,047 tokens, and the last of them has the id of the next one.
      vocabulary["<|<<-|>"] = nil
      vocabulary["<|pad|>"] = 2047
      model["vocab"] = vocabulary
      document["model"] = model
    }
    #expect(refusal == "tokenizer.json: added_tokens[31]: expected a unique id, found '2047'")
  }

  @Test func `a post-processor that changes more than a template is refused`() throws {
    let place = "tokenizer.json: post_processor"
    let end = "which is not supported; give token ids instead"
    #expect(
      try changing("post_processor", "type", to: "RobertaProcessing")
        == "\(place).type is 'RobertaProcessing', \(end)")
    #expect(
      try changing("post_processor", "single", to: [] as [Any])
        == "\(place).single is 'a template without the text', \(end)")
    let text = ["Sequence": ["id": "A", "type_id": 0]]
    #expect(
      try changing("post_processor", "single", to: [text, text])
        == "\(place).single[1] is 'Sequence', \(end)")
    let refusal = try refusal { document in
      let template = document["post_processor"] ?? ""
      document["post_processor"] = ["type": "Sequence", "processors": [template, template]]
    }
    #expect(refusal == "\(place) is '2 templates', \(end)")
  }

  /// A template that begins with tokens, each named in a list of `listed`.
  private func template(_ names: [String], listed: Int) -> [String: Any] {
    let token: [String: Any] = ["ids": [2016], "tokens": ["<|begin_text|>"]]
    let tokens = (0..<listed).map { ("t\($0)", token) }
    return [
      "type": "TemplateProcessing", "pair": [] as [Any],
      "special_tokens": Dictionary(uniqueKeysWithValues: tokens),
      "single": names.map { ["SpecialToken": ["id": $0]] } + [["Sequence": ["id": "A"]]],
    ]
  }

  @Test func `a template puts a few tokens before a text, of however many it lists`() throws {
    let most = (0..<256).map { "t\($0 * 7)" }
    #expect(try refusal { $0["post_processor"] = template(most, listed: 4_000) } == nil)
    // Each of these times a copy of the list would be minutes.
    let many = (0..<40_000).map { "t\($0)" }
    #expect(
      try refusal { $0["post_processor"] = template(many, listed: 40_000) }
        == "tokenizer.json: post_processor.single: expected at most 256 tokens before the text, "
        + "found 'more'")
  }

  @Test func `a name that stands for many tokens does not allow more of them`() throws {
    let token: [String: Any] = [
      "ids": [Int](repeating: 2016, count: 200),
      "tokens": [String](repeating: "<|begin_text|>", count: 200),
    ]
    let part = ["SpecialToken": ["id": "t"]]
    func refusal(parts: Int) throws -> String? {
      try self.refusal { document in
        document["post_processor"] = [
          "type": "TemplateProcessing", "pair": [] as [Any], "special_tokens": ["t": token],
          "single": Array(repeating: part, count: parts) + [["Sequence": ["id": "A"]]],
        ]
      }
    }
    #expect(try refusal(parts: 1) == nil)
    #expect(try refusal(parts: 2)?.contains("at most 256 tokens before the text") == true)
  }

  @Test func `a template's ids are those of its tokens`() throws {
    let token: [String: Any] = ["id": "<|begin_text|>", "ids": [7], "tokens": ["<|begin_text|>"]]
    #expect(
      try changing("post_processor", "special_tokens", to: ["<|begin_text|>": token])
        == "tokenizer.json: post_processor.special_tokens.<|begin_text|>.ids: expected [2016], found "
        + "'[7]'")
    let unknown: [String: Any] = ["id": "<|begin_text|>", "ids": [7], "tokens": ["<bos>"]]
    #expect(
      try changing("post_processor", "special_tokens", to: ["<|begin_text|>": unknown])
        == "tokenizer.json: post_processor.special_tokens.<|begin_text|>.tokens: expected tokens, "
        + "found '<bos>'")
  }

  @Test func `a dropout of zero is no dropout, however it is written`() throws {
    let bytes = try Fixtures.bytes("tokenizer/tokenizer.json")
    let text = String(decoding: bytes, as: UTF8.self)
    for zero in ["0", "0.0", "0e1"] {
      let changed = text.replacing("\"dropout\": null", with: "\"dropout\": \(zero)")
      #expect(changed != text)
      _ = try Tokenizer(parsing: Array(changed.utf8))
    }
  }

  @Test(arguments: ["", "[]", "{", "{}", "null", "{\"model\": {}}"])
  func `a file that is not a tokenizer is refused`(text: String) {
    #expect(throws: TokenizerError.self) { try Tokenizer(parsing: Array(text.utf8)) }
  }

  @Test func `long runs of one kind take no time that grows with their square`() throws {
    let tokenizer = try Tokenizer(parsing: Fixtures.bytes("tokenizer/tokenizer.json"))
    for unit in ["1", "a", " ", "_", "ʼ", "<", "\n", "é", "\\n"] {
      let text = String(repeating: unit, count: 20_000)
      let tokens = tokenizer.encode(text, addingSpecialTokens: false)
      #expect(tokenizer.decode(tokens) == text)
    }
  }
}
