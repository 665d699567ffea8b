public import FileAccess
public import Inference
public import StrictJSON
import Tensors

/// Why a text or questions cannot be put to a model.
public enum EvaluationInputError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// A file cannot be read.
  case file(FileError)
  /// The model cannot encode text.
  case model(InferenceError)
  /// A text for a tokenizer is not UTF-8.
  case notUTF8(path: String)
  /// A list of token ids has something else, `index` ids after its beginning.
  case notAnID(path: String, index: Int)
  /// A text has fewer than two tokens.
  case tooShort(path: String)
  /// A token that the vocabulary does not have.
  case token(Int, position: Int, vocabulary: Int, source: String)
  /// Questions are not JSON of their shape.
  case json(path: String, JSONError)
  /// There is no question, or one without a prompt or an answer.
  case emptyQuestion(path: String)
  /// A prompt or an answer encodes to no tokens.
  case emptyEncoding(path: String, question: Int)
  /// A question and its answer take more tokens than the model's context has.
  case context(path: String, question: Int, tokens: Int, limit: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .notUTF8(let path): "\(path.quoted) is not UTF-8"
    case .notAnID(let path, let index):
      "\(path.quoted): token \(index) is not a number, expected ids separated by spaces or commas"
    case .tooShort(let path):
      "\(path.quoted) has fewer than 2 tokens, so there is nothing to predict"
    case .token(let token, let position, let vocabulary, let source):
      "\(source): token \(token) at position \(position), counted from 0, is outside the "
        + "vocabulary of \(vocabulary)"
    case .json(let path, let error): "\(path.quoted): \(error)"
    case .emptyQuestion(let path):
      "\(path.quoted): there must be at least one question, and each needs a prompt and an answer"
    case .emptyEncoding(let path, let question):
      "\(path.quoted), question \(question): the prompt or the answer encodes to no tokens"
    case .context(let path, let question, let tokens, let limit):
      "\(path.quoted), question \(question): prompt and answer take \(tokens) tokens, more than the "
        + "model's context of \(limit)"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .model(let error): error
    case .json(_, let error): error
    default: nil
    }
  }
}
