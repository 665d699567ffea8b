import FileAccess
import Models
public import Tokenization

/// How text becomes a model's tokens, and tokens text.
public enum Vocabulary: Sendable {
  /// By the tokenizer beside the weights.
  case tokenizer(Tokenizer)
  /// Each byte is a token: a model of at most 256 without a tokenizer.
  case bytes
  /// Not at all: ids go in and come out.
  case none

  /// The vocabulary of a model whose embedding has `rows` rows.
  ///
  /// - Throws: ``InferenceError/tokenizer(_:)`` if there is a tokenizer that cannot be read,
  ///   ``InferenceError/tokenizerSize(path:tokens:rows:)`` if it is another model's.
  init(of model: StoredModel, rows: Int) throws(InferenceError) {
    let sidecar = try InferenceError.wrapping(
      model.sidecar("tokenizer.json"), as: InferenceError.model)
    let bytes = try InferenceError.wrapping(
      sidecar?.contents(limit: Tokenizer.byteLimit), as: InferenceError.model)
    guard let path = sidecar?.file.path, let bytes else {
      self = rows <= 256 ? .bytes : .none
      return
    }
    let tokenizer = try InferenceError.wrapping(
      Tokenizer(parsing: bytes), as: InferenceError.tokenizer)
    guard tokenizer.vocabularySize <= rows else {
      throw .tokenizerSize(path: path, tokens: tokenizer.vocabularySize, rows: rows)
    }
    self = .tokenizer(tokenizer)
  }

  /// The tokens of a text.
  ///
  /// - Throws: ``InferenceError/noTokenizer``.
  public func encode(_ text: String) throws(InferenceError) -> [Int] {
    switch self {
    case .tokenizer(let tokenizer): return tokenizer.encode(text)
    case .bytes: return text.utf8.map { Int($0) }
    case .none: throw .noTokenizer
    }
  }

  /// The bytes that a token is written as.
  public func bytes(of token: Int) -> [UInt8] {
    switch self {
    case .tokenizer(let tokenizer): tokenizer.bytes(of: token)
    case .bytes: [UInt8(truncatingIfNeeded: token)]
    case .none: Array("\(token) ".utf8)
    }
  }

  /// The release's tokens that end a text, as far as the tokenizer has them.
  var stops: Set<Int> {
    guard case .tokenizer(let tokenizer) = self else { return [] }
    return Set(
      ["<|begin_text|>", "<|end_text|>", "<|end_turn|>"].compactMap {
        tokenizer.specialTokens[$0]
      })
  }
}
