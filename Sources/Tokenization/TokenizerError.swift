public import StrictJSON
import Tensors

/// Why a `tokenizer.json` was refused.
public enum TokenizerError: DocumentError, Equatable, Sendable, CustomStringConvertible {
  /// It begins with a byte order mark.
  case byteOrderMark(encoding: String)
  /// It is no JSON of the expected shape.
  case json(JSONError)
  /// It uses what is not implemented, by the name it has there.
  case unsupported(path: String, found: String)
  /// A value that cannot be right.
  case value(path: String, expected: String, found: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .byteOrderMark(let encoding):
      "tokenizer.json begins with the byte order mark of \(encoding); save it as UTF-8 without one"
    case .json(let error): "tokenizer.json: \(error)"
    case .unsupported(let path, let found):
      "tokenizer.json: \(path) is \(found.quoted), which is not supported; give token ids instead"
    case .value(let path, let expected, let found):
      "tokenizer.json: \(path): expected \(expected), found \(found.quoted)"
    }
  }
}
