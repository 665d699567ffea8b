import Archive
import ArgumentParser
import Checkpoint
import Codecs
import FileAccess
import HuginnModel
import PackFormat
import Presentation
import StrictJSON
import Tensors

/// `muninn archive`.
struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Put a pack into one small file, to send or keep.",
    discussion: """
      A tar in zstd frames, with a seek table: 'zstd -d < FILE | tar x' restores the pack where \
      muninn is not, 'muninn unarchive' restores and verifies it, or one segment alone. Every byte \
      is verified on its way in; a damaged pack is refused.

      --split makes packs of f16 and bf16 smaller still, at the same speed; only 'muninn unarchive' \
      restores those.

      Example: muninn archive huginn-0125-bf16.muninn -o huginn-0125-bf16.muninn.tar.zst --split
      """)

  @Argument(help: "A pack.")
  var pack: String

  @Option(name: [.short, .long], help: ArgumentHelp("The archive to write.", valueName: "file"))
  var output: String

  @Flag(help: "Separate the bytes of 16-bit values before compression.")
  var split = false

  @Option(
    help: ArgumentHelp(
      "zstd's level, from 1 to 19: higher ones take long, and make no weights smaller.",
      valueName: "n"))
  var level = PackArchiver.Options().level

  @Flag(help: "Replace a file that is there.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    try validateTarget(output)
    guard ZstdFrame.levels.contains(level) else {
      throw ValidationError("--level must be between 1 and 19, not \(level).")
    }
  }

  mutating func run() throws {
    var options = PackArchiver.Options()
    options.level = level
    options.splitsWords = split
    options.replacing = force
    let (path, target) = (pack, output)
    let progress = Progress(
      "archiving", total: try failing { try OpenDirectory(path: path).byteCount() }, options: report
    )
    let archiver = PackArchiver(
      path: path, options: options, workers: threads.workers, monitor: progress.monitor)
    let outcome = try failing {
      defer { progress.finish() }
      return try Interruption.cleaningUp { () throws(ArchiveError) in
        try archiver.write(to: target)
      }
    }
    report.noteIgnored(outcome.ignored)
    report.warn(Diagnostic.linksOutside(among: outcome.members.map(\.name), in: path))
    let members = outcome.members
    if split && !members.contains(where: \.isSplit) {
      report.note("the pack has no 16-bit values, so nothing is split")
    }
    let packByteCount = members.reduce(0) { $0 + $1.byteCount }
    let share = Double(outcome.byteCount) / Double(max(1, packByteCount))
    try report.print(
      "archived \(Numbers.count(members.count, "file")), \(Numbers.bytes(packByteCount)), in "
        + "\(target.quoted): \(Numbers.bytes(outcome.byteCount)), \(Numbers.percent(share))\n"
        + "digest \(outcome.manifest.digest)\n",
      [
        "archive": .string(target), "bytes": .integer(outcome.byteCount),
        "digest": .string("\(outcome.manifest.digest)"), "pack_bytes": .integer(packByteCount),
        "files": .array(
          members.map {
            [
              "name": .string($0.name), "bytes": .integer($0.byteCount),
              "split": .boolean($0.isSplit),
            ]
          }),
      ])
  }
}
