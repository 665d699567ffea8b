import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import Tokenization

/// Added tokens at sizes at which time that grows with a square would be minutes.
struct AddedTokenTests {
  private func token(
    _ content: String, id: Int, left: Bool = false, right: Bool = false, single: Bool = false
  ) throws -> AddedToken {
    let json: JSONValue = [
      "content": .string(content), "id": .integer(id), "special": false, "normalized": false,
      "single_word": .boolean(single), "lstrip": .boolean(left), "rstrip": .boolean(right),
    ]
    return try AddedToken(reading: JSONObject(json, path: "added_tokens[0]"))
  }

  /// The ids of the tokens, and -1 for each stretch of text.
  private func ids(_ tokens: [AddedToken], _ text: String) -> [Int] {
    let scalars = Array(text.unicodeScalars)
    return AddedTokenPass(tokens).parts(of: scalars[...], specialsAreText: false).map { part in
      if case .token(let id) = part { id } else { -1 }
    }
  }

  @Test func `the longest word at each place is that of comparing them all`() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let words = Set(
        (0..<Int.random(in: 1...6, using: &random)).map { _ in
          String(
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
              "ab".randomElement(using: &random) ?? "a"
            })
        }
      ).sorted()
      let text = Array(
        String((0..<20).map { _ in "abc".randomElement(using: &random) ?? "a" }).unicodeScalars)
      let expected = text.indices.map { place -> Int32 in
        let rest = String(String.UnicodeScalarView(text[place...]))
        let fitting = words.indices.filter { rest.hasPrefix(words[$0]) }
        return Int32(fitting.max { words[$0].count < words[$1].count } ?? -1)
      }
      let found = LongestWords(words.map { Array($0.unicodeScalars) }).longest(in: text[...])
      #expect(found == expected, "\(words)")
    }
  }

  @Test func `many tokens that begin alike cost no more than one`() throws {
    let tokens = try (0..<20_000).map { try token("aaaaaaaa\($0)x", id: $0) }
    let text = String(repeating: "a", count: 100_000) + "19999x"
    #expect(ids(tokens, text) == [-1, 19_999])
  }

  @Test func `a long token that almost matches everywhere costs no more than a short one`() throws {
    let long = String(repeating: "a", count: 50_000) + "b"
    let text = String(repeating: "a", count: 100_000)
    #expect(ids([try token(long, id: 0)], text) == [-1])
    #expect(ids([try token(long, id: 0), try token("a", id: 1)], text).count == 100_000)
  }

  @Test func `white space that many tokens take is walked once`() throws {
    let count = 100_000
    let text = String(repeating: " ", count: count)
    #expect(ids([try token(" ", id: 0, right: true)], text).count == count)
    #expect(ids([try token(" ", id: 0, left: true)], text).count == count)
    let tabs = String(repeating: "\t", count: count) + "x"
    let blocked = try token("\t", id: 0, left: true, single: true)
    #expect(ids([blocked], tabs).count == count)
  }

  @Test func `a token that another has swallowed is none where it takes white space itself`() throws
  {
    let tokens = [try token("A", id: 0, right: true), try token("\t", id: 1)]
    #expect(ids(tokens, "A \t x") == [0, 1, -1])
    // The package panics at the first of these: the second token would begin after its end.
    let taking = [tokens[0], try token("\t", id: 1, left: true)]
    #expect(ids(taking, "A \t x") == [0, -1])
    #expect(ids(taking, "A \tx") == [0, -1])
  }

  @Test func `a whole text with tokens that begin alike is encoded and decoded`() throws {
    let bytes = try Fixtures.bytes("tokenizer/tokenizer.json")
    guard case .object(var document) = try JSONValue(parsing: bytes) else { return }
    document["added_tokens"] = .array(
      (0..<4_000).map { number in
        [
          "content": .string("<|" + String(repeating: "-", count: number % 200) + "\(number)|>"),
          "id": .integer(2048 + number), "special": false, "normalized": .boolean(number % 2 == 0),
          "single_word": false, "lstrip": false, "rstrip": false,
        ]
      })
    document["post_processor"] = .null
    let tokenizer = try Tokenizer(parsing: JSONValue.object(document).canonicalBytes)
    let text = String(repeating: "<|---", count: 4_000) + "<|0|>"
    let found = tokenizer.encode(text)
    #expect(found.last == 2048)
    #expect(tokenizer.decode(found) == text)
  }
}
