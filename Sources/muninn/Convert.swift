import ArgumentParser
import Conversion
import FileAccess
import HuginnModel
import Models
import PackFormat
import Quantization
import StrictJSON
import Tensors

/// `muninn convert`.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn a checkpoint into a pack that engines map.",
    discussion: """
      ENC is one of f32, bf16, f16, int8 (int8:32), int8:row, int8:N with N a multiple of 32 that \
      divides the width. The last matching --tensor applies, then the stage, then --weights. \
      Vectors are always f32.

      Example: muninn convert huginn-0125 huginn-0125-int8.muninn --core int8:row --embedding f16
      """)

  @Argument(help: "A checkpoint's directory, its index, or a single safetensors file.")
  var checkpoint: String

  @Argument(help: "The directory to write; it appears complete or not at all.")
  var pack: String

  @OptionGroup(title: "Encodings") var encodings: RecipeOptions

  @Flag(help: "Say what would be written, and the space for it; write nothing.")
  var dryRun = false

  @OptionGroup var replacing: ReplacementOptions

  @Flag(help: "Write SHA256SUMS, from the bytes of all files.")
  var checksums = false

  @Flag(help: "Drop a stored head that differs from the embedding it is tied to.")
  var ignoreStoredHead = false

  @OptionGroup var source: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws { try validateTarget(pack) }

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
      try report.print(summary.text, summary.json)
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

/// Which encoding each matrix gets.
struct RecipeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("All matrices; int8 by default.", valueName: "enc"))
  var weights: String?

  @Option(help: ArgumentHelp("The token embedding, which is also the head.", valueName: "enc"))
  var embedding: String?

  @Option(help: ArgumentHelp("The prelude's matrices.", valueName: "enc"))
  var prelude: String?

  @Option(help: ArgumentHelp("The adapter and the recurrent core.", valueName: "enc"))
  var core: String?

  @Option(help: ArgumentHelp("The coda's matrices.", valueName: "enc"))
  var coda: String?

  @Option(
    help: ArgumentHelp(
      "Matrices whose full name matches; repeatable, the last match applies.",
      valueName: "glob=enc"))
  var tensor: [String] = []

  @Option(
    help: ArgumentHelp("A JSON file of the manifest's recipe shape.", valueName: "file"))
  var recipe: String?

  /// The recipe that file and flags say.
  func resolved() throws(Failure) -> Recipe {
    var stages: [Stage: Encoding] = [:]
    let flags: [(Stage, String?)] = [
      (.embedding, embedding), (.prelude, prelude), (.core, core), (.coda, coda),
    ]
    for case (let stage, let name?) in flags {
      stages[stage] = try usage { try Encoding(name) }
    }
    let weights = try weights.map { name throws(Failure) in
      try usage { try Encoding(name) }
    }
    let overrides = try tensor.map { text throws(Failure) in
      try usage { try Recipe.Override(argument: text) }
    }
    return try readFile().overridden(weights: weights, stages: stages, overrides: overrides)
  }

  private func readFile() throws(Failure) -> Recipe {
    guard let path = recipe else { return Recipe() }
    let bytes = try failing {
      try InputFile.contents(of: path, limit: Recipe.byteLimit)
    }
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw Failure(.failure, code: "refused", message: "\(path.quoted): \(error)")
    }
    do throws(RecipeError) {
      return try Recipe(json)
    } catch {
      throw Failure(.failure, code: "refused", message: "\(path.quoted): \(error)")
    }
  }

  /// A mistake in a flag is a usage error.
  private func usage<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do {
      return try body()
    } catch {
      throw Failure(.usage, code: "usage", message: "\(error)")
    }
  }
}
