public import Checkpoint
public import FileAccess
public import HuginnModel
public import PackFormat
public import Parallelism
import Tensors

/// Why a model cannot be used.
public enum ModelError: CancellableError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// It is a pack that is refused.
  case pack(PackError)
  /// It has errors, which are among the diagnostics.
  case refused(path: String, [Diagnostic])
  /// Nothing of its weights can be read.
  case noWeights(path: String)
  /// Its form is not one that this is done with.
  case form(path: String, StoredModel.FormName, wanted: String)
  /// The caller asked to stop.
  case cancelled

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .pack(let error): error.description
    case .refused(let path, let diagnostics):
      "\(path.quoted) was refused: it has "
        + diagnostics.count { $0.severity == .error }.counted("error")
    case .cancelled:
      "interrupted; nothing was left behind"
    case .noWeights(let path):
      "\(path.quoted) has no readable weights"
    case .form(let path, let found, let wanted):
      "\(Path.name(of: path).quoted) is \(found.rawValue), expected \(wanted)"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .pack(let error): error
    case .cancelled: CancellationError()
    default: nil
    }
  }
}

extension StoredModel {
  /// What the files are, in words.
  public enum FormName: String, Sendable {
    case checkpoint = "a checkpoint"
    case pack = "a pack"
    case compressedTensors = "a compressed-tensors checkpoint"
    case gguf = "a GGUF file"
  }

  /// What the files are, in words.
  public var formName: FormName {
    switch form {
    case .checkpoint: .checkpoint
    case .pack: .pack
    case .compressedTensors: .compressedTensors
    case .gguf: .gguf
    }
  }

  /// The config of a pack, or of a checkpoint without errors: what is run and exported.
  ///
  /// - Throws: ``ModelError/form(path:_:wanted:)``, ``ModelError/refused(path:_:)``.
  public func usableConfig() throws(ModelError) -> HuginnConfig {
    switch form {
    case .gguf, .compressedTensors:
      throw .form(path: path, formName, wanted: "a pack or a float checkpoint")
    case .checkpoint, .pack:
      guard let config, !diagnostics.containErrors else { throw .refused(path: path, diagnostics) }
      return config
    }
  }

  /// The checkpoint that a conversion starts from, whose errors the conversion names.
  ///
  /// - Throws: ``ModelError/form(path:_:wanted:)``.
  public func convertible() throws(ModelError) -> Checkpoint {
    guard case .checkpoint(let checkpoint) = form else {
      throw .form(path: path, formName, wanted: "a float checkpoint")
    }
    return checkpoint
  }

  /// Proves that the tensors of a pack are what its manifest says; a checkpoint says nothing of its.
  ///
  /// - Parameters:
  ///   - workers: the threads to use.
  ///   - monitor: told of the bytes read.
  /// - Throws: ``ModelError``.
  public func checkDigests(
    workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ModelError) {
    guard let pack else { return }
    let faults = try ModelError.wrapping(
      pack.tensorFaults(workers: workers, monitor: monitor), as: ModelError.init)
    if let fault = faults.first { throw .pack(.faulty(path: path, fault)) }
  }

  /// Checks that something of its weights can be read.
  ///
  /// - Throws: ``ModelError/noWeights(path:)``.
  public func requireWeights() throws(ModelError) {
    if weightFiles.isEmpty { throw .noWeights(path: path) }
  }
}
