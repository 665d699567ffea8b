import ArgumentParser
import Evaluation
import FileAccess
import PackFormat
import Report
import StrictJSON
import Tensors

/// `muninn report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make an HTML page about a pack: sizes, errors, damage, trajectories, provenance.",
    discussion: """
      The page is a single self-contained file to open in a browser, keep or send. The pack is \
      verified first, and a damaged one is refused.

      Example: muninn report huginn-0125-int8.muninn --eval damage.json --output report.html
      """)

  @Argument(help: "A pack.")
  var pack: String

  @Option(help: ArgumentHelp("The result saved by 'muninn eval --output'.", valueName: "file"))
  var eval: String?

  @Option(help: ArgumentHelp("The trace.json written by 'muninn trace'.", valueName: "file"))
  var trace: String?

  @Option(name: [.short, .long], help: ArgumentHelp("The page to write.", valueName: "file"))
  var output: String

  @Flag(help: "Replace an existing file.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws { try validateTarget(output) }

  mutating func run() throws {
    let (path, target, replacing) = (pack, output, force)
    try checkTarget(target, sparing: [], [pack, eval, trace])
    try failing { try PackWriter.checkNotInsidePack(target) }
    let manifest = try verifiedManifest()
    let record = try eval.map { file throws(Failure) in
      let record = try Self.read(file, EvaluationFile.byteLimit) {
        try EvaluationRecord(parsing: $0)
      }
      try Self.check(record, file, of: manifest, at: path)
      return record
    }
    let trace = try self.trace.map { file throws(Failure) in
      try Self.read(file, LatentTrace.byteLimit) { try LatentTrace(parsing: $0) }
    }
    let page = ReportPage(
      name: Path.name(of: Path.trimmed(pack)), manifest: manifest, evaluation: record, trace: trace)
    let byteCount = try failing { try page.write(to: target, replacing: replacing) }
    try report.print(
      "wrote \(output.quoted): \(byteCount) bytes, to open in a browser\n",
      ["report": .string(output), "bytes": .integer(byteCount)])
  }

  /// The manifest of a pack, after verifying every byte.
  private func verifiedManifest() throws(Failure) -> Manifest {
    let path = pack
    let total = try failing { try OpenDirectory(path: path).byteCount() }
    let progress = Progress("verifying", total: total, options: report)
    let verification = try failing {
      try PackVerification(path: path, workers: threads.workers, monitor: progress.monitor)
    }
    progress.finish()
    report.noteIgnored(verification.ignored)
    if let fault = verification.faults.first {
      throw Failure(PackError.faulty(path: path, fault))
    }
    guard let manifest = verification.manifest else {
      preconditionFailure("a pack without faults has a manifest")
    }
    return manifest
  }

  private static func read<Value>(
    _ path: String, _ limit: Int, _ parse: ([UInt8]) throws -> Value
  ) throws(Failure) -> Value {
    let bytes = try failing { try InputFile.contents(of: path, limit: limit) }
    do {
      return try parse(bytes)
    } catch {
      throw Failure(
        .failure, code: "refused", message: "\(path.quoted): \(Remedies.sentence(for: error))")
    }
  }

  /// Checks that an evaluation is of this pack.
  private static func check(
    _ record: EvaluationRecord, _ file: String, of manifest: Manifest, at path: String
  ) throws(Failure) {
    if record.isOf(packDigest: "\(manifest.digest)") { return }
    throw Failure(
      .failure, code: "refused",
      message: "\(file.quoted) is an evaluation of another pack, not of \(path.quoted) with "
        + "digest \(manifest.digest)")
  }
}
