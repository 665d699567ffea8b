public import FileAccess
public import Presentation

/// Why a trace is not written.
public enum TraceDirectoryError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused, or the target is something else than a trace.
  case file(FileError)
  /// A picture cannot be drawn.
  case drawing(DrawingError)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .drawing(let error): error.description
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .drawing(let error): error
    }
  }
}
