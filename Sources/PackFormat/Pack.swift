public import FileAccess
public import HuginnModel

/// A pack mapped for use: what an inference engine opens.
///
/// Opening reads the manifest, one page of each segment and the sidecars, whatever the size of the
/// model; weights are paged in when they are touched, and never copied. It checks that the pieces
/// belong together, not that the weights are intact: that is ``PackVerification``.
public struct Pack: ~Copyable, Sendable {
  /// Where it is.
  public let path: String
  /// What it says of itself.
  public let manifest: Manifest
  private let embedding: MappedFile
  private let prelude: MappedFile
  private let core: MappedFile
  private let coda: MappedFile

  /// Opens and maps a pack.
  ///
  /// - Throws: ``PackError``.
  public init(path: String) throws(PackError) {
    let reader = try PackReader(path: path)
    let embedding = try reader.map(.embedding)
    let prelude = try reader.map(.prelude)
    let core = try reader.map(.core)
    let coda = try reader.map(.coda)
    self.path = path
    manifest = reader.manifest
    self.embedding = embedding
    self.prelude = prelude
    self.core = core
    self.coda = coda
  }

  /// A stage's segment, mapped.
  @_lifetime(borrow self)
  public func segment(_ stage: Stage) -> MappedSegment {
    let layout = manifest.layout[stage]
    switch stage {
    case .embedding: return MappedSegment(embedding.bytes, layout)
    case .prelude: return MappedSegment(prelude.bytes, layout)
    case .core: return MappedSegment(core.bytes, layout)
    case .coda: return MappedSegment(coda.bytes, layout)
    }
  }

  /// Asks the system to read a stage ahead; it may do nothing.
  ///
  /// - Throws: `FileError/system(operation:path:errno:)`.
  public func adviseWillNeed(_ stage: Stage) throws(FileError) {
    switch stage {
    case .embedding: try embedding.adviseWillNeed()
    case .prelude: try prelude.adviseWillNeed()
    case .core: try core.adviseWillNeed()
    case .coda: try coda.adviseWillNeed()
    }
  }

  /// Keeps a stage in memory until the pack ends: the core, above all, is read at each recurrence.
  ///
  /// - Throws: `FileError/cannotPin(path:byteCount:limit:)` if `RLIMIT_MEMLOCK` forbids it.
  public func pin(_ stage: Stage) throws(FileError) {
    switch stage {
    case .embedding: try embedding.pin()
    case .prelude: try prelude.pin()
    case .core: try core.pin()
    case .coda: try coda.pin()
    }
  }

  /// Reads and checks the manifest of a pack, and nothing else.
  ///
  /// - Throws: ``PackError``.
  public static func readManifest(ofPack path: String) throws(PackError) -> Manifest {
    try OpenDirectory(ofPack: path).manifest()
  }
}

extension PackReader {
  fileprivate func map(_ stage: Stage) throws(PackError) -> MappedFile {
    try PackError.wrapping(MappedFile(file(of: stage)))
  }
}
