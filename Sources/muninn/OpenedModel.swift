import Checkpoint
import FileAccess
import Presentation
import Tensors

/// Opens a model in files that are no pack: a checkpoint, or what was exported for another engine.
///
/// - Throws: `FileError` where the path cannot be read; what is wrong with the files is in the
///   model's diagnostics.
func openModel(_ path: String) throws(FileError) -> any StoredModel {
  if let model = try ExportedModel(ggufPath: path) { return model }
  let checkpoint = try Checkpoint(path: path)
  if let model = try ExportedModel(checkpoint) { return model }
  return checkpoint
}

/// Ends where nothing of a model can be read.
func requireWeights(_ model: any StoredModel, _ path: String) throws(Failure) {
  guard model.weightFiles.isEmpty else { return }
  throw Failure(
    .failure, code: "refused",
    message: "\(path.quoted) has no readable weights; 'muninn validate' explains")
}

extension StoredModel {
  /// `77 tensors in 4 files, 15.6 GB`.
  var summary: String {
    "\(Numbers.count(storedTensors.count, "tensor")) in "
      + "\(Numbers.count(weightFiles.count, "file")), \(Numbers.bytes(byteCount))"
  }
}
