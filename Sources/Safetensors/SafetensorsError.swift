public import FileAccess
import Tensors

/// Why a safetensors file was refused.
public enum SafetensorsError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read.
  case file(FileError)
  /// The file breaks a rule of the format.
  case malformed(path: String, fault: HeaderFault)

  init(_ fault: HeaderFault, in path: String) {
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
