import Tensors

/// Why a file of a format was refused: the system's reason, or the rule of the format that it breaks.
public enum FormatError<Fault: LayeredError & CustomStringConvertible & Equatable>: LayeredError,
  Equatable, CustomStringConvertible
{
  /// The file could not be read or written.
  case file(FileError)
  /// The file breaks a rule of the format.
  case malformed(path: String, fault: Fault)

  /// The error for what was found in the file at `path`.
  public init(_ fault: Fault, in path: String) {
    self = .passing(fault) ?? .malformed(path: path, fault: fault)
  }

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .malformed(let path, let fault): "\(path.quoted): \(fault)"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    if case .file(let error) = self { error } else { nil }
  }
}
