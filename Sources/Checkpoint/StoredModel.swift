import FileAccess
public import HuginnModel
import Safetensors

/// A model in files, whatever their format: its sizes, its tensors as they are stored, and what is
/// wrong with them by headers alone.
public protocol StoredModel: Sendable {
  /// The typed config; nil where it is missing or has errors.
  var config: HuginnConfig? { get }
  /// The tensors that could be found, by the reference's names.
  var storedTensors: [String: StoredTensor] { get }
  /// What is wrong or noteworthy.
  var diagnostics: [Diagnostic] { get }
  /// The files that hold the tensors, by name, with their bytes.
  var weightFiles: [(name: String, byteCount: Int)] { get }
}

extension StoredModel {
  /// The bytes of all files.
  public var byteCount: Int { weightFiles.reduce(0) { $0 + $1.byteCount } }
}

extension Checkpoint: StoredModel {
  /// The tensors of all shards.
  public var storedTensors: [String: StoredTensor] { tensors.mapValues(\.stored) }

  /// The shards.
  public var weightFiles: [(name: String, byteCount: Int)] {
    shards.map { ($0.name, $0.safetensors.file.byteCount) }
  }
}
