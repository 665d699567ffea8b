import ArgumentParser
import Conversion
import FileAccess
import HuginnModel
import Models
import PackFormat

/// `muninn convert`.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert a checkpoint into a pack, which engines map into memory.",
    discussion: """
      ENC is f32, bf16, f16, int8 or int4 (short for int8:32 and int4:32), int8:row, or int8:N or \
      int4:N where N is a multiple of 32 that divides the width. The last matching --tensor takes precedence, then the option \
      of the stage, then --weights, then the preset. Vectors are always f32.

      Example: muninn convert huginn-0125 huginn-0125-int8.muninn --core int8:row --embedding f16
      """)

  @Argument(help: "A checkpoint: a directory, an index, or a single safetensors file.")
  var checkpoint: String

  @Argument(help: "The directory to write. It appears complete or not at all.")
  var pack: String

  @OptionGroup(title: "Encodings") var encodings: RecipeOptions

  @Flag(help: "Print what would be written and how much space it needs, but write nothing.")
  var dryRun = false

  @OptionGroup var fit: FitOptions
  @OptionGroup var replacing: ReplacementOptions

  @Flag(help: "Also write SHA256SUMS, computed from the bytes of all files.")
  var checksums = false

  @Flag(help: "Drop a stored head that differs from the embedding it is tied to.")
  var ignoreStoredHead = false

  @OptionGroup var source: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    try validateTarget(pack)
    if fit.fit != nil && !dryRun { throw ValidationError("--fit needs --dry-run.") }
  }

  mutating func run() throws {
    let recipe = try encodings.resolved()
    let target = pack
    let opened = try openModel(checkpoint, variant: source.variant)
    let plan = try failing { try ConversionPlan(opened, recipe) }
    report.noteSkipped(plan.sidecars.skipped)
    report.warn(try failing { try opened.linkDiagnostics() })
    if dryRun {
      report.warn(opened.diagnostics)
      let summary = try failing {
        try DryRunReport(plan, target: target)
      }
      let fit = try fit.report(plan.config)
      try report.print(
        (fit?.text ?? "") + summary.text, summary.json.adding(fit?.json, as: "fit"))
      return
    }
    if let recipe = encodings.recipe { try checkTarget(target, sparing: [], [recipe]) }
    var options = Converter.Options(tool: Version.tool)
    options.replacing = replacing.replacement
    options.ignoringStoredHead = ignoreStoredHead
    options.writingChecksums = checksums
    let progress = Progress(
      "converting", total: plan.workByteCount + opened.valueByteCount(.storedCopies),
      options: report)
    let converter = Converter(
      plan, workers: threads.workers, kernels: threads.kernels, monitor: progress.monitor)
    let result = try failing {
      defer { progress.finish() }
      return try Interruption.cleaningUp { () throws(ConversionError) in
        try converter.write(to: target, options)
      }
    }
    for diagnostic in result.diagnostics where !report.json {
      // Warnings are not hidden.
      guard !report.quiet || diagnostic.severity == .warning else { continue }
      Terminal.write(diagnostic.text(on: .error), to: .error)
    }
    report.warn(of: result.leftover, leftBy: "the old pack")
    let summary = ConversionReport(result, target: target)
    try report.print(summary.text, summary.json)
  }
}
