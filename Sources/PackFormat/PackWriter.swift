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
  private let replacing: PackReplacement

  /// Creates the partial directory with all segments at their full length.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - layout: where everything lies.
  ///   - identity: what the headers carry.
  ///   - replacing: what is replaced.
  ///   - workers: the threads to use.
  /// - Throws: ``PackError``.
  public init(
    target: String, layout: PackLayout, identity: Digest, replacing: PackReplacement,
    workers: Workers = Workers()
  ) throws(PackError) {
    partial = try PackError.wrapping(
      PartialDirectory(target: target, replacing: replacing.isAllowed))
    let path = partial.path
    segments = try PackError.wrapping(
      SegmentFiles(in: path, layout: layout, identity: identity, workers))
    self.replacing = replacing
  }

  /// Copies a file of the checkpoint byte for byte, into a new file of the same content.
  ///
  /// - Returns: the sidecar as the manifest lists it.
  /// - Throws: ``PackError``.
  public func copySidecar(
    _ file: InputFile, name: String, monitor: Monitor
  ) throws(PackError) -> Manifest.File {
    var hasher = SHA256Hasher()
    try partial.write(as: name) { take throws(PackError) in
      let isComplete = try PackError.wrapping { () throws(FileError) in
        let isComplete = try file.forEachRun(in: 0..<file.byteCount) {
          bytes, offset throws(FileError) in
          hasher.update(bytes)
          try take(bytes, offset)
          return !monitor.isCancelled
        }
        try file.checkUnchanged()
        return isComplete
      }
      guard isComplete else { throw .cancelled }
    }
    return Manifest.File(name: name, byteCount: file.byteCount, sha256: hasher.finalized())
  }

  /// Syncs everything, writes the manifest last, and gives the pack its name.
  ///
  /// - Parameters:
  ///   - manifest: what was written.
  ///   - workers: with them, `SHA256SUMS` is computed from the files' bytes; nil to leave
  ///     it out.
  ///   - monitor: asked until just before the rename.
  /// - Returns: where a pack that was replaced is left, if it could not be removed.
  /// - Throws: ``PackError``.
  public func publish(
    _ manifest: Manifest, checksums workers: Workers?, monitor: Monitor
  ) throws(PackError) -> String? {
    let bytes = manifest.canonicalBytes
    guard bytes.count <= PackConstants.manifestByteLimit else {
      throw .manifestTooLarge(byteCount: bytes.count)
    }
    try PackError.wrapping(segments.sync(until: { monitor.isCancelled }))
    if let workers { try writeChecksums(manifest, bytes, workers, monitor) }
    if monitor.isCancelled { throw .cancelled }
    try PackError.wrapping(partial.write(bytes, as: PackConstants.manifestName))
    if monitor.isCancelled { throw .cancelled }
    let isReplaceable: ((String) throws(FileError) -> Bool)? =
      replacing.isAllowed
      ? { path throws(FileError) in try replacing.isReplaceable(path) } : nil
    return try PackError.wrapping { () throws(FileError) -> String? in
      try partial.publish(replacing: isReplaceable)
    }
  }

  /// Writes the digests of all files, read back from them.
  private func writeChecksums(
    _ manifest: Manifest, _ manifestBytes: [UInt8], _ workers: Workers, _ monitor: Monitor
  ) throws(PackError) {
    let names = PackFileNames.segments + manifest.sidecars.map(\.name)
    let directory = partial.path
    let files = try names.map { name throws(PackError) in
      (name: name, file: try PackError.wrapping(InputFile(path: Path.join(directory, name))))
    }
    // Progress has no part for this.
    let silent = Monitor(advance: { _ in }, isCancelled: { monitor.isCancelled })
    let digests = try PackError.wrapping(
      PackFiles(files).digests(workers, silent), as: PackError.init)
    var list = digests.map { (name: $0.key, digest: $0.value) }
    list.append((PackConstants.manifestName, Digest(of: manifestBytes.span.rawBytes)))
    list.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    try PackError.wrapping(
      partial.write(Array(ChecksumList.text(list).utf8), as: ChecksumList.fileName))
  }
}

/// The segment files of a pack that is being written.
public struct SegmentFiles: Sendable {
  private let files: [Stage: OutputFile]

  init(
    in directory: String, layout: PackLayout, identity: Digest, _ workers: Workers
  ) throws(FileError) {
    let files = Mutex<[Stage: OutputFile]>([:])
    try workers.run(layout.segments.count) { index throws(FileError) in
      let segment = layout.segments[index]
      let file = try OutputFile(creating: Path.join(directory, segment.fileName))
      try file.preallocate(byteCount: segment.byteCount)
      let header = SegmentHeader(of: segment, identity: identity)
      try file.write(header.page.span.rawBytes, at: 0)
      files.withLock { $0[segment.stage] = file }
    }
    self.files = files.withLock { $0 }
  }

  /// Writes bytes of a plane.
  public func write(_ bytes: RawSpan, to stage: Stage, at byteOffset: Int) throws(FileError) {
    try files[stage]?.write(bytes, at: byteOffset)
  }

  func sync(until isCancelled: () -> Bool) throws(FileError) {
    for file in files.values where !isCancelled() { try file.sync() }
  }
}
