import Checkpoint
import FileAccess
import Integrity
import Parallelism

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
