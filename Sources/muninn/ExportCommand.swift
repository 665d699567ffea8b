import ArgumentParser
import Checkpoint
import Export
import FileAccess
import Kernels
import PackFormat
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
      from a pack. compressed-tensors: the codes of a pack for vLLM, w8a8 (int8:row) or w8a16 \
      (int8:row, int8:32), with embedding, head and vectors in --dtype.

      Example: muninn export huginn-0125-row.muninn huginn-0125-w8a8 --to compressed-tensors \
      --scheme w8a8 --dtype bf16
      """)

  /// The formats.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case safetensors
    case compressedTensors = "compressed-tensors"
  }

  @Argument(help: "A pack or a checkpoint.")
  var source: String

  @Argument(help: "The directory to write; it appears complete or not at all.")
  var target: String

  @Option(help: "safetensors or compressed-tensors.")
  var to: Format

  @Option(help: ArgumentHelp("How values are stored: f32, bf16 or f16.", valueName: "dtype"))
  var dtype = "f32"

  @Option(help: ArgumentHelp("compressed-tensors: w8a8 or w8a16.", valueName: "scheme"))
  var scheme: String?

  @Option(
    help: ArgumentHelp("The most bytes of a shard, as 5GB, 500MB or a number.", valueName: "size"))
  var shardSize = "5GB"

  @Flag(help: "Replace the export that is there.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    guard ["f32", "bf16", "f16"].contains(dtype) else {
      throw ValidationError("--dtype takes f32, bf16 or f16, not \(dtype).")
    }
    guard (scheme != nil) == (to == .compressedTensors) else {
      throw ValidationError("--scheme goes with --to compressed-tensors, which needs it.")
    }
    if let scheme, CompressedTensorsScheme(rawValue: scheme) == nil {
      throw ValidationError("--scheme takes w8a8 or w8a16, not \(scheme).")
    }
    guard Self.byteCount(shardSize) != nil else {
      throw ValidationError("--shard-size takes 5GB, 500MB or a number of bytes.")
    }
  }

  mutating func run() throws {
    var options = CheckpointExport.Options()
    options.values = try failing { try Encoding(dtype) }
    options.scheme = scheme.flatMap { CompressedTensorsScheme(rawValue: $0) }
    options.shardByteLimit = Self.byteCount(shardSize) ?? options.shardByteLimit
    options.replacing = force
    let (path, target) = (source, target)
    let model = try failing { try Self.open(path) }
    report.noteSkipped(model.skippedSidecars)
    let export = try failing { try CheckpointExport(model, options) }
    let progress = Progress("exporting", total: export.byteCount, options: report)
    let (workers, kernels) = (threads.workers, threads.kernels)
    let leftover = try failing {
      defer { progress.finish() }
      return try Interruption.cleaningUp { () throws(ExportError) in
        try export.write(
          to: target, workers: workers, kernels: kernels, monitor: progress.monitor)
      }
    }
    if let leftover {
      report.note("the old export could not be removed and is left at \(leftover.quoted)")
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

  private static func open(_ path: String) throws -> ExportSource {
    if try PackFileNames.isPackDirectory(path) {
      return try ExportSource(try PackReader(path: path), path: path)
    }
    return try ExportSource(try Checkpoint(path: path))
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
