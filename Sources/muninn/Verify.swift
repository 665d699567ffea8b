import ArgumentParser
import Checkpoint
import Conversion
import FileAccess
import HuginnModel
import PackFormat
import Parallelism
import Presentation
import StrictJSON

/// `muninn verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that every byte of a pack, or of a checkpoint, is as it should be.",
    discussion: """
      A pack: header pages, layout, the digest of each tensor and sidecar, that all other bytes are \
      zero, and the manifest's own digest. Names the tensor and stage that is damaged.

      A checkpoint: structure, index, and the checksums that lie beside it (SHA256SUMS, *.sha256, a \
      hub cache's blob names, download metadata) or are given. Says what was not covered.

      Exits with 2 on a fault.

      Example: muninn verify huginn-0125-int8.muninn --source huginn-0125
      """)

  @Argument(help: "A pack's directory, or a checkpoint.")
  var path: String

  @Option(
    help: ArgumentHelp(
      "Also derive the pack anew from this checkpoint and compare bit for bit.",
      valueName: "checkpoint"))
  var source: String?

  @Option(
    name: .customLong("sha256"),
    help: ArgumentHelp(
      "A digest that a file of the checkpoint must have; repeatable.", valueName: "file=hex"))
  var digests: [String] = []

  @Flag(help: "A file of the checkpoint that no checksum covers is a fault.")
  var requireChecksums = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  mutating func run() throws {
    let path = self.path
    // What is neither a pack nor a checkpoint is judged as the pack that it is not.
    let checkpoint = try failing {
      try PackFileNames.isPackDirectory(path) ? nil : Checkpoint(path: path)
    }
    guard let checkpoint, !checkpoint.location.isEmpty else {
      guard digests.isEmpty, !requireChecksums else {
        throw Failure(
          .usage, code: "usage",
          message: "--sha256 and --require-checksums are for checkpoints; a pack has its manifest")
      }
      return try verifyPack()
    }
    guard source == nil else {
      throw Failure(.usage, code: "usage", message: "--source is for packs")
    }
    try verify(checkpoint, claimed: try claimedDigests())
  }

  private func verifyPack() throws {
    let (path, workers) = (path, threads.workers)
    let total = try failing { try byteCount(ofFilesIn: path) }
    let progress = Progress("verifying", total: total, options: report)
    let verification = try failing {
      try PackVerification(path: path, workers: workers, monitor: progress.monitor)
    }
    progress.finish()
    if verification.ignoredCache {
      report.note("the folder '\(PackFileNames.ignoredFolder)' is no part of the pack")
    }
    var faults = verification.faults
    var failure: Failure?
    if let source, let manifest = verification.manifest {
      do {
        faults += try compare(manifest, with: source, workers)
      } catch {
        failure = Failure(error)
      }
    }
    // A source that cannot be read takes nothing from what is known of the pack.
    let isCompared = source != nil && verification.manifest != nil && failure == nil
    try printReport(verification.manifest, faults, byteCount: total, isCompared: isCompared)
    if let failure {
      guard !faults.isEmpty, failure.code != "interrupted" else { throw failure }
      failure.report()
    }
    if !faults.isEmpty { throw Failure.wanting }
  }

  private func compare(
    _ manifest: Manifest, with source: String, _ workers: Workers
  ) throws -> [PackFault] {
    let checkpoint = try failing { try Checkpoint(path: source) }
    let progress = Progress("deriving", total: 2 * checkpoint.byteCount, options: report)
    defer { progress.finish() }
    return try failing {
      try Converter.compare(
        manifest, with: checkpoint, workers: workers, kernels: threads.kernels,
        monitor: progress.monitor)
    }
  }

  private func printReport(
    _ manifest: Manifest?, _ faults: [PackFault], byteCount: Int, isCompared: Bool
  ) throws {
    var text = faults.map { "\($0)\n" }.joined()
    var json: [String: JSONValue] = [
      "intact": .boolean(faults.isEmpty),
      "faults": .array(faults.map(\.json)),
      "bytes": .integer(byteCount),
      "source_compared": .boolean(isCompared),
    ]
    if let manifest {
      json["digest"] = .string("\(manifest.digest)")
      json["tensors"] = .integer(manifest.tensors.count)
    }
    if let manifest, faults.isEmpty {
      text =
        "intact: \(Numbers.count(manifest.tensors.count, "tensor")) in "
        + "\(manifest.layout.segments.count) segments, "
        + "\(Numbers.count(manifest.sidecars.count, "sidecar")), \(Numbers.bytes(byteCount))"
        + (isCompared ? ", equal to what the source gives" : "") + "\n"
        + "digest \(manifest.digest)\n"
    } else {
      text += Numbers.count(faults.count, "fault") + "\n"
    }
    try report.print(text, .object(json))
  }
}

/// The bytes of the regular files in a directory.
private func byteCount(ofFilesIn path: String) throws(FileError) -> Int {
  // What is no directory is a fault that verification names.
  guard try FileStatus(ofPath: path).kind == .directory else { return 0 }
  return try directoryContents(path).reduce(0) { sum, name in
    let status = try? FileStatus(ofPath: Path.join(path, name))
    return sum + (status?.kind == .regular ? status?.byteCount ?? 0 : 0)
  }
}

extension PackFault {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = ["code": .string(code), "message": .string(description)]
    switch self {
    case .tensor(let name, let stage, let layer, let expected, let found):
      members["tensor"] = .string(name)
      members["stage"] = .string(stage.rawValue)
      if let layer { members["layer"] = .integer(layer) }
      members["expected"] = .string("\(expected)")
      members["found"] = .string("\(found)")
    case .header(let stage, _):
      members["stage"] = .string(stage.rawValue)
    case .padding(let stage, let offset, _):
      members["stage"] = .string(stage.rawValue)
      members["byte"] = .integer(offset)
    case .sidecar(let name, _, _), .unexpectedFile(let name), .length(let name, _, _),
      .unreadable(let name, _):
      members["file"] = .string(name)
    case .source(let path, let expected, let found):
      members["member"] = .string(path)
      members["expected"] = .string(expected)
      members["found"] = .string(found)
    case .manifest:
      members["file"] = .string(PackConstants.manifestName)
    }
    return .object(members)
  }
}
