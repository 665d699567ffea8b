public import FileAccess
import Tensors

/// Why a GGUF file was refused.
public enum GGUFError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read or written.
  case file(FileError)
  /// The file breaks a rule of the format.
  case malformed(path: String, fault: GGUFFault)

  init(_ fault: GGUFFault, in path: String) {
    if case .file(let error) = fault {
      self = .file(error)
    } else {
      self = .malformed(path: path, fault: fault)
    }
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
