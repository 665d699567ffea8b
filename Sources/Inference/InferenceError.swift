public import FileAccess
public import Models
import Tensors
public import Tokenization

/// Why a model cannot be run.
public enum InferenceError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The model is refused.
  case model(ModelError)
  /// A config whose forward pass is not the one implemented: `test_time_noise`.
  case noise(path: String)
  /// The tokenizer cannot be read.
  case tokenizer(TokenizerError)
  /// The tokenizer has more tokens than the embedding has rows.
  case tokenizerSize(path: String, tokens: Int, rows: Int)
  /// A text for a model that has no tokenizer.
  case noTokenizer
  /// Two models that cannot be compared.
  case otherSizes(path: String, reference: String)
  /// Logits that are no numbers: a weight is damaged.
  case notFinite(position: Int)
  /// A token that the vocabulary does not have.
  case token(Int, vocabulary: Int)
  /// A prompt without a token.
  case emptyPrompt
  /// More tokens than the model has positions.
  case contextFull(limit: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .noise(let path):
      "\(path) sets test_time_noise, which is not supported; set it to 0"
    case .tokenizer(let error): error.description
    case .tokenizerSize(let path, let tokens, let rows):
      "\(path.quoted) has \(tokens) tokens, but the embedding has \(rows) rows: it belongs to another "
        + "model"
    case .noTokenizer: "there is no tokenizer.json, so the model cannot encode text"
    case .otherSizes(let path, let reference):
      "\(path.quoted) and \(reference.quoted) are different models: their sizes differ"
    case .notFinite(let position):
      "the logits at position \(position) are not finite: a weight is damaged; verify the model"
    case .token(let token, let vocabulary):
      "token \(token) is outside the vocabulary of \(vocabulary)"
    case .emptyPrompt: "the prompt has no tokens; give at least one"
    case .contextFull(let limit): "the context is full: the model has \(limit) positions"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .model(let error): error
    default: nil
    }
  }
}
