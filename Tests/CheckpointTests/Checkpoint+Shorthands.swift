import Checkpoint
import FileAccess
import HuginnModel
import Integrity
import Parallelism

extension Checkpoint {
  /// The findings about what is stored although it follows from other tensors.
  func storedCopyDiagnostics(
    ignoringHead: Bool = false, monitor: Monitor = .none
  ) throws(CheckpointError) -> [Diagnostic] {
    try valueDiagnostics(ignoringHead ? .rotaryTable : .storedCopies, monitor: monitor)
  }
}

extension CheckpointVerification {
  /// Opens and verifies a checkpoint.
  init(
    path: String, claimed: [(file: String, digest: Digest)] = [], workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws(CheckpointError) {
    let checkpoint: Checkpoint
    do throws(FileError) {
      checkpoint = try Checkpoint(path: path)
    } catch {
      throw .file(error)
    }
    try self.init(checkpoint, claimed: claimed, workers: workers, monitor: monitor)
  }
}
