import Checkpoint
import FileAccess
import HuginnModel
import Models
import Parallelism
import TestSupport

extension StoredModel {
  /// The findings about what is stored although it follows from other tensors.
  func storedCopyDiagnostics(
    ignoringHead: Bool = false, monitor: Monitor = .none
  ) throws(ReadingError) -> [Diagnostic] {
    try valueDiagnostics(ignoringHead ? .rotaryTable : .storedCopies, monitor: monitor)
  }

  /// The findings in short, such as `shard-missing model-00002-of-00003.safetensors`.
  var findings: [String] { diagnostics.map { "\($0.code.rawValue) \($0.subject)" } }
}

extension SmallCheckpoint {
  /// Writes all files and opens the directory as a model.
  func model() throws -> StoredModel {
    try write()
    return try StoredModel(path: directory.path)
  }
}
