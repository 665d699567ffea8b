import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import Tokenization

/// The ids and texts that the `tokenizers` package gives with what people save of a tokenizer.
struct TokenizerVariantTests {
  /// Members that differ from the bundled file, with the package's results.
  private struct Variant {
    let name: String
    let changes: JSONValue
    let cases: [Case]
  }

  /// A text with its tokens.
  private struct Case {
    let text: String
    /// With what the template puts around the text.
    let ids: [Int]
    /// Without it.
    let bare: [Int]
    /// Without it, special tokens being text.
    let plain: [Int]
    /// What the bare ones decode to, special tokens included.
    let written: String
    /// What they decode to without them.
    let decoded: String
  }

  private static let base = try? JSONValue(parsing: Fixtures.bytes("tokenizer/tokenizer.json"))

  private static func variants() throws -> [Variant] {
    let bytes = try Fixtures.bytes("tokenizer/variants.json")
    var document = try JSONObject(JSONValue(parsing: bytes))
    return try document.objects("variants").map { object in
      var variant = object
      return Variant(
        name: try variant.string("name"), changes: try variant.take("changes"),
        cases: try variant.objects("cases").map { object in
          var found = object
          return Case(
            text: try found.string("text"), ids: try ids(found.take("ids")),
            bare: try ids(found.take("bare")), plain: try ids(found.take("plain")),
            written: try found.string("written"), decoded: try found.string("decoded"))
        })
    }
  }

  private static func ids(_ value: JSONValue) -> [Int] {
    guard case .array(let elements) = value else { return [] }
    return elements.compactMap { if case .integer(let id) = $0 { id } else { nil } }
  }

  /// The bundled file with changes; members of the model are changed one by one.
  private static func tokenizer(_ changes: JSONValue) throws -> Tokenizer {
    guard case .object(var document) = try #require(base), case .object(let changes) = changes
    else { throw JSONError.missingKey(path: "", key: "changes") }
    for (key, value) in changes {
      if key == "model", case .object(let members) = value,
        case .object(let model) = document["model"]
      {
        document["model"] = .object(model.merging(members) { $1 })
      } else {
        document[key] = value
      }
    }
    return try Tokenizer(parsing: JSONValue.object(document).canonicalBytes)
  }

  private func variant(_ name: String) throws -> Variant {
    try #require(try Self.variants().first { $0.name == name })
  }

  @Test func `every variant has the package's ids`() throws {
    let variants = try Self.variants()
    #expect(variants.count == 57)
    for variant in variants {
      let tokenizer = try Self.tokenizer(variant.changes)
      for vector in variant.cases {
        let place = "\(variant.name): \(vector.text.debugDescription)"
        // What stands after the text is left out, and told.
        let found = tokenizer.encode(vector.text)
        #expect(found == Array(vector.ids.prefix(found.count)), "\(place)")
        let appended = vector.ids.dropFirst(found.count).map { tokenizer.writtenTokens[$0] ?? "" }
        let notes = tokenizer.notes.filter {
          if case .appendedTokens = $0 { true } else { false }
        }
        #expect(notes == (appended.isEmpty ? [] : [.appendedTokens(appended)]), "\(place)")
        #expect(
          tokenizer.encode(vector.text, addingSpecialTokens: false) == vector.bare, "\(place)")
        #expect(tokenizer.encodePlainText(vector.text) == vector.plain, "\(place)")
      }
    }
  }

  @Test func `every variant decodes as in the package`() throws {
    for variant in try Self.variants() where variant.name != "tokens that Unicode takes for equal" {
      let tokenizer = try Self.tokenizer(variant.changes)
      for vector in variant.cases {
        let place = "\(variant.name): \(vector.text.debugDescription)"
        #expect(
          tokenizer.decode(vector.bare, skippingSpecialTokens: false) == vector.written, "\(place)")
        #expect(tokenizer.decode(vector.bare) == vector.decoded, "\(place)")
      }
    }
  }

  @Test func `rules may be written as one text each`() throws {
    guard case .object(let document) = try #require(Self.base),
      case .object(let model) = document["model"], case .array(let merges) = model["merges"]
    else {
      Issue.record("there are no rules")
      return
    }
    let texts = merges.map { rule -> JSONValue in
      guard case .array(let parts) = rule, case .string(let left) = parts.first,
        case .string(let right) = parts.last
      else { return .null }
      return "\(left) \(right)"
    }
    let tokenizer = try Self.tokenizer(["model": ["merges": .array(texts)]])
    let text = "In the beginning God created the heaven and the earth."
    let known = try Tokenizer(parsing: Fixtures.bytes("tokenizer/tokenizer.json"))
    #expect(tokenizer.encode(text) == known.encode(text))
  }

  @Test func `an added token that is text is its text`() throws {
    let tokenizer = try Self.tokenizer(try variant("transformers, with tokens added").changes)
    let think = try #require(tokenizer.addedTokens.first { $0.content == "<think>" })
    #expect(!think.isSpecial && tokenizer.specialTokens["<think>"] == nil)
    #expect(tokenizer.bytes(of: think.id) == Array("<think>".utf8))
    #expect(tokenizer.writtenTokens[think.id] == "<think>")
    let special = try #require(tokenizer.specialTokens["<|x|>"])
    #expect(tokenizer.bytes(of: special).isEmpty)
    #expect(tokenizer.decode([think.id, special]) == "<think>")
  }

  @Test func `an added token is its text even if its letters stand for bytes`() throws {
    let tokenizer = try Self.tokenizer(
      try variant("tokens that Unicode takes for equal").changes)
    #expect(tokenizer.bytes(of: 2048) == Array("cafe\u{301}".utf8))
    #expect(tokenizer.bytes(of: 2049) == Array("\u{212B}".utf8))
    // The vocabulary's own token of the byte 0xC5, written as that letter.
    #expect(tokenizer.bytes(of: 197) == [0xC5])
  }

  @Test func `a special token is never made of text, whole piece or not`() throws {
    let tokenizer = try Self.tokenizer(["model": ["ignore_merges": true]])
    let special = try #require(tokenizer.specialTokens["<|&|>"])
    #expect(tokenizer.encode("<|&|>", addingSpecialTokens: false) == [special])
    #expect(!tokenizer.encodePlainText("<|&|>").contains(special))
  }

  @Test func `an unsupported feature is reported`() throws {
    let ends = try Self.tokenizer(try variant("transformers, with both ends").changes)
    #expect(
      ends.notes.map(\.description) == [
        "tokenizer.json: the template also appends '<|end_text|>' after a text; they are left "
          + "out, since the model continues the text"
      ])
    let gaps = try Self.tokenizer(
      try variant("ids with gaps, which the package closes").changes)
    #expect(
      gaps.notes.map(\.description) == [
        "tokenizer.json: added_tokens gives 'foo' the id 2050, but its id is 2048, from the "
          + "vocabulary or counted on from its end, as in the tokenizers package; the same applies "
          + "to 2 more"
      ])
    #expect(try Tokenizer(parsing: Fixtures.bytes("tokenizer/tokenizer.json")).notes == [])
  }
}
