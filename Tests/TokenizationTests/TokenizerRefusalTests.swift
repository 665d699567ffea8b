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
    let tokenizer = try Tokenizer(path: Fixtures.path("tokenizer/tokenizer.json"))
    #expect(tokenizer.vocabularySize == 2048)
    #expect(tokenizer.specialTokens.count == 32)
  }

  @Test(arguments: ["normalizer", "truncation", "padding"])
  func `steps around the model are refused`(key: String) throws {
    #expect(
      try refusal { $0[key] = ["type": "NFC"] }
        == "tokenizer.json: \(key) is '{\"type\":\"NFC\"}', which is not supported; give token ids "
        + "instead")
  }

  @Test(
    arguments: [
      ("type", "Unigram"), ("dropout", 0.1), ("unk_token", "<unk>"), ("byte_fallback", true),
      ("ignore_merges", true), ("fuse_unk", true), ("end_of_word_suffix", "</w>"),
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

  @Test func `a merge of what is no token is refused with its place`() throws {
    let refusal = try changing("model", "merges", to: [["t", "h"], ["t", "☃"]])
    #expect(
      refusal == "tokenizer.json: model.merges[1]: expected two tokens that make a third, found "
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
    #expect(refusal?.contains("expected an id of its own") == true, "\(refusal ?? "")")
  }

  @Test(arguments: ["", "[]", "{", "{}", "null", "{\"model\": {}}"])
  func `what is no such file is refused`(text: String) {
    #expect(throws: TokenizerError.self) { try Tokenizer(parsing: Array(text.utf8)) }
  }

  @Test func `long runs of one kind take no time that grows with their square`() throws {
    let tokenizer = try Tokenizer(path: Fixtures.path("tokenizer/tokenizer.json"))
    for unit in ["1", "a", " ", "_", "ʼ", "<", "\n", "é", "\\n"] {
      let text = String(repeating: unit, count: 20_000)
      let tokens = tokenizer.encode(text, addingSpecialTokens: false)
      #expect(tokenizer.decode(tokens) == text)
    }
  }
}
