public import FileAccess
public import Models
public import PackFormat
public import Quantization
import Tensors

/// Why a conversion stopped.
public enum ConversionError: CancellableError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The source is no checkpoint, or one with errors.
  case model(ModelError)
  /// The pack cannot be written there.
  case pack(PackError)
  /// The recipe does not fit the model.
  case recipe(RecipeError)
  /// A tensor does not fit its encoding.
  case layout(LayoutError)
  /// Values of a tensor cannot be stored; the byte of the first, where one value is at fault.
  case values(tensor: String, file: String, byteOffset: Int?, EncodingError)
  /// The caller asked to stop.
  case cancelled

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .pack(let error): error.description
    case .recipe(let error): error.description
    case .layout(let error): error.description
    case .values(let tensor, let file, let offset, let error):
      "\(file.quoted): tensor \(tensor.quoted)\(offset.map { ", byte \($0)" } ?? ""): \(error)"
    case .cancelled: "interrupted; nothing was left behind"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .model(let error): error
    case .pack(let error): error
    case .cancelled: CancellationError()
    default: nil
    }
  }
}
