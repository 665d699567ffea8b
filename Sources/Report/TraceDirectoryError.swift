public import FileAccess
public import Presentation
import Tensors

/// Why a trace is not written.
public enum TraceDirectoryError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The target holds other files than a trace's, which are not replaced.
  case otherFiles(path: String)
  /// A picture cannot be drawn.
  case drawing(DrawingError)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .otherFiles(let path):
      "\(path.quoted) holds other files than a trace's and is not replaced"
    case .drawing(let error): error.description
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .drawing(let error): error
    case .otherFiles: nil
    }
  }
}
