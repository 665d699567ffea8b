import Foundation
import TestSupport
import Testing
import Tokenization

/// The vocabulary as it was written, read back from what is kept of it.
struct TokenizerVocabularyTests {
  /// What the test needs of a `tokenizer.json`.
  private struct Document: Decodable {
    struct Model: Decodable {
      let vocab: [String: Int]
      let merges: [[String]]
    }
    struct Added: Decodable {
      let id: Int
      let content: String
    }
    let model: Model
    let added_tokens: [Added]
  }

  @Test func `tokens and rules are those of the file`() throws {
    let bytes = try Fixtures.bytes("tokenizer/tokenizer.json")
    let document = try JSONDecoder().decode(Document.self, from: Data(bytes))
    let tokenizer = try Tokenizer(parsing: bytes)
    var expected = [String?](repeating: nil, count: tokenizer.vocabularySize)
    for (text, id) in document.model.vocab { expected[id] = text }
    for token in document.added_tokens { expected[token.id] = token.content }
    #expect(tokenizer.writtenTokens == expected)
    #expect(tokenizer.mergeRules.map { [$0.left, $0.right] } == document.model.merges)
    #expect(tokenizer.prefixTokens == [2016])
  }
}
