public import FileAccess
import Tensors

/// Why an evaluation cannot be kept in a file.
public enum EvaluationFileError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be read or written.
  case file(FileError)
  /// An evaluation is there that this one cannot go on from.
  case unfit(path: String, PartialEvaluationError)
  /// This evaluation is there, complete.
  case complete(path: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .unfit(let path, let reason):
      "\(path.quoted) already exists and cannot be resumed: \(reason)"
    case .complete(let path): "\(path.quoted) already holds this evaluation, complete"
    }
  }

  /// The error that this one stands for: whatever is there already, it is there.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .unfit(let path, _), .complete(let path): FileError.exists(path: path)
    }
  }
}
