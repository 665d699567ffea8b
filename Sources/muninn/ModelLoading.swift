import Checkpoint
import FileAccess
import Inference
import Kernels
import Models
import Parallelism
import Presentation

/// Opens a model, wherever it lies.
func openModel(_ path: String, variant: String? = nil) throws(Failure) -> StoredModel {
  try failing { try StoredModel(path: path, variant: variant) }
}

/// Opens a model and makes it ready to run, and says what is unusual about it.
func loadModel(
  _ path: String, variant: String? = nil, _ threads: WorkerOptions, _ report: ReportOptions
) throws(Failure) -> LanguageModel {
  let stored = try openModel(path, variant: variant)
  let loaded = try failing {
    try LanguageModel(stored, workers: threads.workers, kernels: threads.kernels)
  }
  report.warn(stored.diagnostics + loaded.warnings)
  for note in loaded.notes { report.note(note) }
  return loaded
}

extension StoredModel {
  /// `77 tensors in 4 files, 15.6 GB`.
  var summary: String { weightSummary(tensors.count, weightFiles.count, byteCount) }
}

extension Checkpoint {
  /// `77 tensors in 4 files, 15.6 GB`.
  var summary: String { weightSummary(tensors.count, shards.count, byteCount) }
}

private func weightSummary(_ tensors: Int, _ files: Int, _ bytes: Int) -> String {
  "\(Numbers.count(tensors, "tensor")) in \(Numbers.count(files, "file")), \(Numbers.bytes(bytes))"
}
