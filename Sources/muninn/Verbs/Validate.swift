import ArgumentParser
import Checkpoint
import HuginnModel
import Models
import Presentation
import StrictJSON
import Tensors

/// `muninn validate`.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a model: its files, its config, its layout in stages, and every value.",
    discussion: """
      Reports all problems in one run, each with a code, what was expected, what was found and what \
      to do. Exits with 2 if one of them is an error. GGUF files and compressed-tensors checkpoints \
      are decoded and checked in the same way.

      Example: muninn validate ~/.cache/huggingface/hub/models--tomg-group-umd--huginn-0125
      """)

  @Argument(help: "A checkpoint (a directory, an index or a safetensors file) or a GGUF file.")
  var checkpoint: String

  @Flag(help: "Read only headers, no values.")
  var headersOnly = false

  @OptionGroup var source: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  mutating func run() throws {
    let opened = try openModel(checkpoint, variant: source.variant)
    if opened.pack != nil {
      throw Failure(
        ModelError.form(path: checkpoint, .pack, wanted: "a checkpoint or a GGUF file"))
    }
    var diagnostics = opened.diagnostics
    if !headersOnly {
      diagnostics += try failing { try opened.sidecarDiagnostics() }
      let total = opened.valueByteCount(.everything)
      let progress = Progress("validating", total: total, options: report)
      let (workers, kernels) = (threads.workers, threads.kernels)
      diagnostics += try failing {
        try opened.valueDiagnostics(
          .everything, workers: workers, kernels: kernels, monitor: progress.monitor)
      }
      progress.finish()
    }
    let verdict = diagnostics.containErrors ? "invalid" : "valid"
    try report.print(
      diagnostics.map { $0.text(on: .output) }.joined()
        + "\(verdict): \(opened.summary); \(diagnostics.summary)\n",
      [
        "valid": .boolean(!diagnostics.containErrors),
        "headers_only": .boolean(headersOnly),
        "tensors": .integer(opened.tensors.count),
        "shards": .integer(opened.weightFiles.count),
        "bytes": .integer(opened.byteCount),
        "diagnostics": .array(diagnostics.map(\.json)),
      ])
    if diagnostics.containErrors { throw Failure.wanting }
  }
}
