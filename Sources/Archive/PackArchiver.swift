import Codecs
import FileAccess
import Integrity
public import PackFormat
public import Parallelism
import Tensors

/// Writes a pack as one file: a pax tar in frames of zstd's seekable format (`formats/archive.md`).
///
/// Each byte of the pack is read once, and held against the manifest on its way. Frames are
/// compressed by any thread and written in order, so that threads change no byte.
public struct PackArchiver: Sendable {
  /// How a pack is archived.
  public struct Options: Sendable {
    /// zstd's level, of `ZstdFrame.levels`: higher ones make no weights smaller.
    public var level = 1
    /// Whether the bytes of 16-bit values are separated before compression.
    public var splitsWords = false
    /// Whether a file that is there is replaced.
    public var replacing = false

    /// Level 1, nothing split, nothing replaced.
    public init() {}
  }

  /// What was archived.
  public struct Outcome: Sendable {
    /// The manifest of the pack.
    public let manifest: Manifest
    /// The pack's files, as they are in the archive.
    public let members: [ArchiveMember]
    /// The bytes of the archive.
    public let byteCount: Int
    /// What lies beside the pack's files and was left out, of `PackFileNames.ignored`.
    public let ignored: [String]
  }

  private let path: String
  private let options: Options
  private let workers: Workers
  private let monitor: Monitor

  /// An archiver for the pack at `path`.
  ///
  /// - Parameters:
  ///   - path: its directory.
  ///   - options: how.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  public init(
    path: String, options: Options = Options(), workers: Workers = Workers(),
    monitor: Monitor = .none
  ) {
    precondition(ZstdFrame.levels.contains(options.level))
    self.path = path
    self.options = options
    self.workers = workers
    self.monitor = monitor
  }

  /// Writes the archive, which gets its name complete or not at all.
  ///
  /// - Throws: ``ArchiveError``; a pack with a fault, or one that changes meanwhile, is refused.
  public func write(to target: String) throws(ArchiveError) -> Outcome {
    try ArchiveError.wrapping(InputGuard([path]).check(target))
    try ArchiveError.wrapping(PackWriter.checkNotInsidePack(target), as: ArchiveError.pack)
    let directory = try ArchiveError.wrapping(OpenDirectory(ofPack: path), as: ArchiveError.pack)
    let manifest = try ArchiveError.wrapping(directory.manifest(), as: ArchiveError.pack)
    return try directory.whileUnchanged { () throws(ArchiveError) in
      try archive(directory, manifest, as: target)
    }
  }

  private func archive(
    _ directory: OpenDirectory, _ manifest: Manifest, as target: String
  ) throws(ArchiveError) -> Outcome {
    let partial = try ArchiveError.wrapping(
      PartialFile(target: target, replacing: options.replacing, kind: .archive))
    let names = try ArchiveError.wrapping(directory.names())
    let sources = try open(names, of: manifest, in: directory)
    let contradiction = try ArchiveError.wrapping(manifest.contradiction(in: directory))
    if let contradiction { throw .faulty(path: path, contradiction) }
    let folder = try ArchiveError.wrapping(folderName())
    guard TarHeader.isFolderName(folder) else { throw .folderName(path: path, found: folder) }
    let members = sources.map { name, file in
      let segment = manifest.layout.segments.first { $0.fileName == name }
      return ArchiveMember(
        TarHeader(
          folder: folder, name: name, isSplit: options.splitsWords && segment?.hasWords == true,
          byteCount: file.byteCount), of: manifest)
    }
    let frames = try FrameWriter(
      members: members, files: sources.map(\.file), output: partial.output, level: options.level,
      monitor: monitor
    ).write(of: manifest, packPath: path, on: workers)
    try ArchiveError.wrapping(directory.checkFilesUnchanged())
    let proportion = frames.proportion
    guard proportion.allowsManifest(of: members[0].byteCount) else {
      throw .pack(.manifestTooLarge(byteCount: members[0].byteCount))
    }
    for member in members where ArchiveMember.isCompanion(member.name) {
      guard proportion.allows(member.byteCount) else {
        throw .contents(path: path, proportion.refusal(of: member.name, member.byteCount))
      }
    }
    let trailer = frames.trailer
    if monitor.isCancelled { throw .cancelled }
    try ArchiveError.wrapping { () throws(FileError) in
      try partial.output.write(trailer.span.rawBytes, at: frames.byteCount)
      try partial.publish()
    }
    return Outcome(
      manifest: manifest, members: members, byteCount: frames.byteCount + trailer.count,
      ignored: PackFileNames.ignored(among: names))
  }

  /// The pack's files in the order of their members, with the lengths that the manifest says.
  private func open(
    _ names: [String], of manifest: Manifest, in directory: OpenDirectory
  ) throws(ArchiveError) -> [(name: String, file: InputFile)] {
    if let fault = manifest.unexpectedFiles(among: names).first {
      throw .faulty(path: path, fault)
    }
    let lengths = Dictionary(manifest.files.map { ($0.name, $0.byteCount) }) { first, _ in first }
    let present = names.filter { !PackFileNames.ignored.contains($0) }
    let all = Set(present + [PackConstants.manifestName] + lengths.keys)
    return try all.sorted(by: ArchiveMember.isOrdered).map { name throws(ArchiveError) in
      switch try ArchiveError.wrapping(PackFile(name, in: directory, byteCount: lengths[name])) {
      case .sound(let file): (name, file)
      case .faulty(let fault): throw .faulty(path: path, fault)
      }
    }
  }

  /// The directory's own name, also where the path does not tell it.
  private func folderName() throws(FileError) -> String {
    let name = Path.name(of: path)
    return ["", ".", "..", "/"].contains(name) ? Path.name(of: try resolvedPath(path)) : name
  }
}
