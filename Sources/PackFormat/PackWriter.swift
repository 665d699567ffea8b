public import FileAccess
public import HuginnModel
public import Integrity
public import Parallelism
import Synchronization
import Tensors

/// Writes a pack beside its final name, which it gets complete or not at all.
public struct PackWriter {
  /// The segment files, which any thread may write to.
  public let segments: SegmentFiles
  private let partial: PartialDirectory
  private let replacing: Bool

  /// Checks that a pack can be written, before any work for it.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - byteCount: what all its files will take.
  ///   - replacing: whether a pack that is there may be replaced.
  /// - Throws: ``PackError``, where the target is not to be replaced or the space does not suffice.
  public static func checkTarget(
    _ target: String, byteCount: Int, replacing: Bool
  ) throws(PackError) {
    let target = Path.trimmed(target)
    if replacing {
      try checkReplaceable(target)
    } else if (try? FileStatus(ofLink: target)) != nil {
      throw .file(.exists(path: target))
    }
    do throws(FileError) {
      let free = try freeSpace(at: Path.parent(of: target))
      guard byteCount <= free else {
        throw FileError.noSpace(path: target, needed: byteCount, free: free)
      }
    } catch {
      throw .file(error)
    }
  }

  /// Creates the partial directory with all segments at their full length.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - layout: where everything lies.
  ///   - identity: what the headers carry.
  ///   - replacing: whether a pack that is there is replaced.
  /// - Throws: ``PackError``.
  public init(
    target: String, layout: PackLayout, identity: Digest, replacing: Bool
  ) throws(PackError) {
    do throws(FileError) {
      partial = try PartialDirectory(target: target, replacing: replacing)
      segments = try SegmentFiles(in: partial.path, layout: layout, identity: identity)
    } catch {
      throw .file(error)
    }
    self.replacing = replacing
  }

  /// Copies a file of the checkpoint byte for byte, into a new file of the same content.
  ///
  /// - Returns: the sidecar as the manifest lists it.
  public func copySidecar(_ file: InputFile, name: String) throws(FileError) -> Manifest.File {
    let output = try OutputFile(creating: Path.join(partial.path, name))
    var buffer = [UInt8](repeating: 0, count: min(file.byteCount, 1 << 20))
    var hasher = SHA256Hasher()
    for start in stride(from: 0, to: file.byteCount, by: max(1, buffer.count)) {
      let count = min(buffer.count, file.byteCount - start)
      var span = buffer.mutableSpan
      var part = span.part(0..<count)
      try file.read(at: start, into: &part)
      let bytes = buffer.span.extracting(0..<count).rawBytes
      hasher.update(bytes)
      try output.write(bytes, at: start)
    }
    try output.sync()
    return Manifest.File(name: name, byteCount: file.byteCount, sha256: hasher.finalized())
  }

  /// Syncs everything, writes the manifest last, and gives the pack its name.
  ///
  /// - Parameter checksums: with these workers, `SHA256SUMS` is computed from the files' bytes; nil
  ///   to leave it out.
  public func publish(_ manifest: Manifest, checksums workers: Workers?) throws(FileError) {
    try segments.sync()
    let bytes = manifest.canonicalBytes
    if let workers {
      let names = PackFileNames.segments + manifest.sidecars.map(\.name)
      var list = try digests(of: names, workers)
      list.append((PackConstants.manifestName, Digest(of: bytes.span.rawBytes)))
      list.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      try write(Array(ChecksumList.text(list).utf8), name: ChecksumList.fileName)
    }
    try write(bytes, name: PackConstants.manifestName)
    try partial.publish(replacing: replacing)
  }

  private func digests(
    of names: [String], _ workers: Workers
  ) throws(FileError) -> [(name: String, digest: Digest)] {
    let directory = partial.path
    let digests = Mutex<[(name: String, digest: Digest)]>([])
    try workers.run(names.count) { index throws(FileError) in
      let file = try InputFile(path: Path.join(directory, names[index]))
      let digest = try Digest(of: file, ranges: [0..<file.byteCount])
      digests.withLock { $0.append((names[index], digest)) }
    }
    return digests.withLock { $0 }
  }

  private func write(_ bytes: [UInt8], name: String) throws(FileError) {
    let output = try OutputFile(creating: Path.join(partial.path, name))
    try output.write(bytes.span.rawBytes, at: 0)
    try output.sync()
  }

  /// `--force` replaces only what is nothing but a pack.
  private static func checkReplaceable(_ target: String) throws(PackError) {
    guard let status = try? FileStatus(ofLink: Path.trimmed(target)) else { return }
    guard status.kind == .directory else {
      throw .notReplaced(path: target, found: "is \(status.kind.rawValue)")
    }
    let names: [String]
    do throws(FileError) {
      names = try directoryContents(target)
    } catch {
      throw .file(error)
    }
    if let other = names.first(where: { !PackFileNames.isOfPack($0) }) {
      throw .notReplaced(path: target, found: "holds \(other.quoted)")
    }
    if !names.isEmpty && !names.contains(PackConstants.manifestName) {
      throw .notReplaced(path: target, found: "has no \(PackConstants.manifestName)")
    }
  }
}

/// The segment files of a pack that is being written.
public struct SegmentFiles: Sendable {
  private let files: [Stage: OutputFile]

  init(in directory: String, layout: PackLayout, identity: Digest) throws(FileError) {
    var files: [Stage: OutputFile] = [:]
    for segment in layout.segments {
      let file = try OutputFile(creating: Path.join(directory, segment.fileName))
      try file.preallocate(byteCount: segment.byteCount)
      let header = SegmentHeader(
        stage: segment.stage, fileLength: segment.byteCount, identity: identity)
      try file.write(header.page.span.rawBytes, at: 0)
      files[segment.stage] = file
    }
    self.files = files
  }

  /// Writes bytes of a plane.
  public func write(_ bytes: RawSpan, to stage: Stage, at byteOffset: Int) throws(FileError) {
    try files[stage]?.write(bytes, at: byteOffset)
  }

  func sync() throws(FileError) {
    for file in files.values { try file.sync() }
  }
}
