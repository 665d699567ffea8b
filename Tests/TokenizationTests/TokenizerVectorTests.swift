import Foundation
import TestSupport
import Testing
import Tokenization

/// The ids and texts that the `tokenizers` package gives.
struct TokenizerVectorTests {
  /// A text with its tokens.
  private struct Vector: Decodable {
    let text: String
    let ids: [Int]
    let ids_no_special: [Int]
    let decoded: String
  }

  @Test func `every vector has the package's ids and text`() throws {
    let tokenizer = try Tokenizer(parsing: Fixtures.bytes("tokenizer/tokenizer.json"))
    let vectors = try JSONDecoder().decode(
      [Vector].self, from: Data(Fixtures.bytes("tokenizer/vectors.json")))
    #expect(vectors.count == 150)
    for vector in vectors {
      #expect(tokenizer.encode(vector.text) == vector.ids, "\(vector.text.debugDescription)")
      #expect(
        tokenizer.encode(vector.text, addingSpecialTokens: false) == vector.ids_no_special,
        "\(vector.text.debugDescription)")
      #expect(
        tokenizer.decode(vector.ids_no_special, skippingSpecialTokens: false) == vector.decoded)
    }
  }
}
