import ArgumentParser
import Export
import Kernels
import Models
import Parallelism
import Presentation
import Quantization
import StrictJSON
import Tensors

/// `muninn export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model in a format that other engines load.",
    discussion: """
      safetensors: a Hugging Face checkpoint in f32, bf16 or f16, from a checkpoint or decoded \
      from a pack. compressed-tensors: a pack's codes for vLLM, as w8a8 (from int8:row), w8a16 \
      (from int8:row or int8:32) or w4a16 (from int4, and int8 beside it), with embedding, head and \
      vectors in --dtype. gguf: one GGUF file in the source's own encodings, or with matrices in \
      --dtype, which may also be q8_0 or q4_0; no engine runs this architecture from GGUF yet.

      Example: muninn export huginn-0125-row.muninn huginn-0125-w8a8 --to compressed-tensors \
      --scheme w8a8 --dtype bf16
      """)

  /// The formats.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case safetensors
    case compressedTensors = "compressed-tensors"
    case gguf
  }

  @Argument(help: "A pack or a checkpoint.")
  var source: String

  @Argument(help: "The directory or GGUF file to write. It appears complete or not at all.")
  var target: String

  @Option(help: "safetensors, compressed-tensors or gguf.")
  var to: Format

  @Option(
    help: ArgumentHelp(
      "Type of values: f32 (default), bf16 or f16. For gguf also q8_0 or q4_0 (default: as in the "
        + "source).",
      valueName: "dtype")
  )
  var dtype: String?

  @Option(
    help: ArgumentHelp(
      "Scheme of compressed-tensors: w8a8, w8a16 or w4a16.", valueName: "scheme"))
  var scheme: String?

  @Option(
    help: ArgumentHelp(
      "Maximum size of a shard, such as 500MB or a number of bytes (default: 5GB).",
      valueName: "size"))
  var shardSize: String?

  @Flag(help: "Replace an existing export.")
  var force = false

  @OptionGroup var variant: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    try validateTarget(target)
    let dtypes = ["f32", "bf16", "f16"] + (to == .gguf ? ["q8_0", "q4_0"] : [])
    if let dtype, !dtypes.contains(dtype) {
      throw ValidationError(
        "--dtype must be one of \(dtypes.joined(separator: ", ")), not \(dtype).")
    }
    guard (scheme != nil) == (to == .compressedTensors) else {
      throw ValidationError("--to compressed-tensors needs --scheme, and no other format takes it.")
    }
    if let scheme, CompressedTensorsScheme(rawValue: scheme) == nil {
      throw ValidationError("--scheme must be w8a8, w8a16 or w4a16, not \(scheme).")
    }
    guard let shardSize else { return }
    guard to != .gguf else {
      throw ValidationError("--shard-size does not apply to gguf, which is written as one file.")
    }
    guard Self.byteCount(shardSize) != nil else {
      throw ValidationError(
        "--shard-size must be a number of bytes, or a size such as 500MB or 5GB.")
    }
  }

  mutating func run() throws {
    let model = try openModel(source, variant: variant.variant)
    report.warn(model.diagnostics)
    if to == .gguf {
      try writeFile(model)
    } else {
      report.noteSkipped(try failing { try model.sidecars()?.skipped ?? [] })
      report.warn(try failing { try model.linkDiagnostics() })
      try writeDirectory(model)
    }
  }

  private func writeDirectory(_ model: StoredModel) throws {
    var options = CheckpointExport.Options(tool: Version.tool)
    if let dtype { options.values = try failing { try Encoding(dtype) } }
    options.scheme = scheme.flatMap { CompressedTensorsScheme(rawValue: $0) }
    options.shardByteLimit = shardSize.flatMap(Self.byteCount) ?? options.shardByteLimit
    options.replacing = force
    let chosen = options
    let export = try failing { try CheckpointExport(model, chosen) }
    let leftover = try write(export.byteCount) { monitor throws(ExportError) in
      try export.write(
        to: target, workers: threads.workers, kernels: threads.kernels, monitor: monitor)
    }
    report.warn(of: leftover, leftBy: "the old export")
    if !export.missingCode.isEmpty {
      report.note(
        "'auto_map' in config.json names \(export.missingCode.joined(separator: ", ")), which "
          + "\(model.formName.rawValue) does not have; put them beside the export for loaders that run them"
      )
    }
    let shards = export.shardNames
    try report.print(
      "wrote \(target.quoted): \(Numbers.grouped(export.byteCount)) bytes of tensors in "
        + "\(Numbers.count(shards.count, "shard"))\n",
      [
        "target": .string(target), "bytes": .integer(export.byteCount),
        "shards": .array(shards.map { .string($0) }),
      ])
  }

  private func writeFile(_ model: StoredModel) throws {
    let matrices = try failing { try chosenMatrices() }
    let export = try failing { try GGUFExport(model, matrices: matrices) }
    try write(export.byteCount) { monitor throws(ExportError) in
      try export.write(
        to: target, replacing: force, workers: threads.workers, kernels: threads.kernels,
        monitor: monitor)
    }
    try report.print(
      "wrote \(target.quoted): \(Numbers.grouped(export.byteCount)) bytes of "
        + "\(Numbers.count(export.tensorCount, "tensor"))\n",
      [
        "target": .string(target), "bytes": .integer(export.byteCount),
        "tensors": .integer(export.tensorCount),
      ])
  }

  private func chosenMatrices() throws(EncodingError) -> GGUFExport.Matrices {
    switch dtype {
    case nil: .stored
    case "q8_0"?: .blocks(.q8_0)
    case "q4_0"?: .blocks(.q4_0)
    case let dtype?: .values(try Encoding(dtype))
    }
  }

  /// Runs the work, with progress, and leaves nothing behind where it is interrupted.
  private func write<Value>(
    _ byteCount: Int, _ body: (Monitor) throws(ExportError) -> Value
  ) throws -> Value {
    let progress = Progress("exporting", total: byteCount, options: report)
    return try failing {
      defer { progress.finish() }
      return try Interruption.cleaningUp { () throws(ExportError) in
        try body(progress.monitor)
      }
    }
  }

  /// A size with a decimal unit, or plain bytes.
  static func byteCount(_ text: String) -> Int? {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("", 1)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = Int(text.dropLast(unit.count)), number > 0 else { return nil }
      let (count, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : count
    }
    return nil
  }
}
