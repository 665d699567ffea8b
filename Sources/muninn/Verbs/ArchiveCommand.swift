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
    abstract: "Compress a pack into one file, to send or store.",
    discussion: """
      The archive is a tar in zstd frames with a seek table. 'muninn unarchive' restores and \
      verifies the pack or a single file of it; without muninn, 'zstd -d < FILE | tar x' restores \
      the pack. Every byte is verified as it is archived, and a damaged pack is refused.

      --split makes packs in f16 and bf16 even smaller at the same speed, but only \
      'muninn unarchive' can restore them.

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
      "Compression level of zstd, 1 to 19. High levels are slow and save nothing on weights.",
      valueName: "n"))
  var level = PackArchiver.Options().level

  @Flag(help: "Replace an existing file.")
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
      report.note("the pack has no 16-bit values, so nothing was split")
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
