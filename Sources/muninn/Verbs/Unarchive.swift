import Archive
import ArgumentParser
import PackFormat
import Presentation
import StrictJSON
import Tensors

/// `muninn unarchive`.
struct Unarchive: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restore a pack from an archive, or one file of it.",
    discussion: """
      Restores every file byte for byte and verifies it; from an archive that is cut short or \
      damaged, nothing is restored. With --only, the other files are not even read.

      Example: muninn unarchive huginn-0125-bf16.muninn.tar.zst
      Example: muninn unarchive huginn-0125-bf16.muninn.tar.zst --only core
      """)

  @Argument(help: "An archive.")
  var archive: String

  @Argument(
    help: """
      The directory to write, or the file with --only (default: the name that it had). It appears \
      complete or not at all.
      """)
  var target: String?

  @Option(
    help: ArgumentHelp(
      "Restore only this file: a name such as config.json, or a stage such as core.",
      valueName: "name"))
  var only: String?

  @Flag(help: "List the files in the archive, and restore nothing.")
  var list = false

  @OptionGroup var replacing: ReplacementOptions

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    if let target { try validateTarget(target) }
    if list, only != nil || target != nil || replacing.force {
      throw ValidationError("--list takes no target and cannot be combined with --only or --force.")
    }
  }

  mutating func run() throws {
    let path = archive
    let reader = try failing { try ArchiveReader(path: path) }
    if list {
      try report.print(
        Self.table(reader) + "digest \(reader.manifest.digest)\n",
        Self.json(reader.members, of: reader))
    } else if let only {
      try extract(try failing { try reader.member(only) }, from: reader)
    } else {
      try restore(reader)
    }
  }

  private func restore(_ reader: ArchiveReader) throws {
    let (target, workers) = (target ?? reader.folder, threads.workers)
    let replacing = self.replacing.replacement
    let progress = Progress("restoring", total: reader.byteCount, options: report)
    let leftover = try failing {
      defer { progress.finish() }
      return try Interruption.cleaningUp { () throws(ArchiveError) in
        try reader.restore(
          to: target, replacing: replacing, workers: workers, monitor: progress.monitor)
      }
    }
    report.warn(of: leftover, leftBy: "the old pack")
    try print(reader.members, of: reader, restoredTo: target)
  }

  private func extract(_ member: ArchiveMember, from reader: ArchiveReader) throws {
    let (target, replacing, workers) = (target ?? member.name, replacing.force, threads.workers)
    let progress = Progress("restoring", total: member.byteCount, options: report)
    try failing {
      defer { progress.finish() }
      try Interruption.cleaningUp { () throws(ArchiveError) in
        try reader.extract(
          member, to: target, replacing: replacing, workers: workers, monitor: progress.monitor)
      }
    }
    try print([member], of: reader, restoredTo: target)
  }

  private func print(
    _ members: [ArchiveMember], of reader: ArchiveReader, restoredTo target: String
  ) throws {
    let byteCount = members.reduce(0) { $0 + $1.byteCount }
    guard case .object(var json) = Self.json(members, of: reader) else { return }
    json["target"] = .string(target)
    try report.print(
      "restored \(Numbers.count(members.count, "file")), \(Numbers.bytes(byteCount)), in "
        + "\(target.quoted)\ndigest \(reader.manifest.digest)\n",
      .object(json))
  }

  private static func table(_ reader: ArchiveReader) -> String {
    var table = Table([
      ("file", .left), ("bytes", .right), ("archived", .right), ("split", .left),
    ])
    for member in reader.members {
      table.add([
        member.name, Numbers.grouped(member.byteCount),
        Numbers.grouped(reader.archivedByteCount(of: member)), member.isSplit ? "yes" : "",
      ])
    }
    return table.text
  }

  private static func json(_ members: [ArchiveMember], of reader: ArchiveReader) -> JSONValue {
    [
      "archive": .string(reader.path), "bytes": .integer(reader.archiveByteCount),
      "digest": .string("\(reader.manifest.digest)"), "pack": .string(reader.folder),
      "files": .array(
        members.map {
          [
            "name": .string($0.name), "bytes": .integer($0.byteCount),
            "archived": .integer(reader.archivedByteCount(of: $0)), "split": .boolean($0.isSplit),
          ]
        }),
    ]
  }
}
