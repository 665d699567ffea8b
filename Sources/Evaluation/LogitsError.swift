public import FileAccess
public import Inference
public import Safetensors

/// Why logits are not written.
public enum LogitsError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The model cannot be run over the text.
  case model(InferenceError)
  /// The file cannot hold them.
  case safetensors(SafetensorsError)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .safetensors(let error): error.description
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .model(let error): error
    case .safetensors(let error): error
    }
  }
}
