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

/// Makes a model ready to run, and reports what is unusual about it.
///
/// - Parameters:
///   - stored: a pack or a checkpoint.
///   - isChecking: whether the weights of a pack are verified first.
///   - threads: the threads to use.
///   - report: the options for reporting.
/// - Returns: the model.
/// - Throws: ``Failure``.
func loadModel(
  _ stored: StoredModel, checkingDigests isChecking: Bool, _ threads: WorkerOptions,
  _ report: ReportOptions
) throws(Failure) -> LanguageModel {
  if isChecking, stored.pack != nil {
    let progress = Progress("verifying", total: stored.byteCount, options: report)
    try failing {
      try stored.checkDigests(workers: threads.workers, monitor: progress.monitor)
    }
    progress.finish()
  } else if stored.pack != nil {
    report.note("the pack's headers and sidecars are verified; --verify also verifies its weights")
  }
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
