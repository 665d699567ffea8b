public import FileAccess

/// Why reading a checkpoint stopped.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused, or a file changed while being read.
  case file(FileError)
  /// The caller asked to stop.
  case cancelled

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .cancelled: "interrupted"
    }
  }
}
