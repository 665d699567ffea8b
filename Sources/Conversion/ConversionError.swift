import Checkpoint
public import FileAccess
public import HuginnModel
public import Models
public import PackFormat
public import Quantization
import Tensors

/// Why a conversion stopped.
public enum ConversionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The source is no checkpoint.
  case model(ModelError)
  /// The pack cannot be written there.
  case pack(PackError)
  /// The checkpoint has errors, which are among the diagnostics.
  case refused(path: String, [Diagnostic])
  /// The recipe does not fit the model.
  case recipe(RecipeError)
  /// A tensor does not fit its encoding.
  case layout(LayoutError)
  /// Values of a tensor cannot be stored; the byte of the first, where one value is at fault.
  case values(tensor: String, file: String, byteOffset: Int?, EncodingError)
  /// The caller asked to stop.
  case cancelled

  init(_ error: CheckpointError) {
    switch error {
    case .file(let error): self = .file(error)
    case .cancelled: self = .cancelled
    }
  }

  init(_ error: ModelError) {
    switch error {
    case .file(let error): self = .file(error)
    case .cancelled: self = .cancelled
    default: self = .model(error)
    }
  }

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .pack(let error): error.description
    case .refused(let path, let diagnostics):
      "\(path.quoted) is not converted, errors: \(diagnostics.count { $0.severity == .error }); "
        + "'muninn validate' explains each"
    case .recipe(let error): error.description
    case .layout(let error): error.description
    case .values(let tensor, let file, let offset, let error):
      "\(file.quoted): tensor \(tensor.quoted)\(offset.map { ", byte \($0)" } ?? ""): \(error)"
    case .cancelled: "interrupted; nothing was left behind"
    }
  }
}
