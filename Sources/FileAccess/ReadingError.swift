/// Why files were not read to the end.
public enum ReadingError: CancellableError, Equatable, Sendable, CustomStringConvertible {
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

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .cancelled: CancellationError()
    }
  }
}

extension CancellableError {
  /// The error of a layer whose work is to read files.
  public init(_ error: ReadingError) {
    switch error {
    case .file(let error): self = .file(error)
    case .cancelled: self = .cancelled
    }
  }
}
