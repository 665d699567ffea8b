public import FileAccess
public import HuginnModel
import Integrity

/// A pack mapped for use: what an inference engine opens.
///
/// Opening reads the manifest and one page of each segment, whatever the size of the model; weights
/// are paged in when they are touched, and never copied. It checks that the pieces belong together,
/// not that the weights are intact: that is ``PackVerification``.
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
    let manifest = try Self.readManifest(ofPack: path)
    let embedding = try Self.map(.embedding, of: manifest, in: path)
    let prelude = try Self.map(.prelude, of: manifest, in: path)
    let core = try Self.map(.core, of: manifest, in: path)
    let coda = try Self.map(.coda, of: manifest, in: path)
    self.path = path
    self.manifest = manifest
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
  /// - Throws: `FileError/cannotPin(path:byteCount:limit:)` where `RLIMIT_MEMLOCK` forbids it.
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
    let file = Path.join(path, PackConstants.manifestName)
    let bytes: [UInt8]
    do throws(FileError) {
      // A missing pack is another fault than a pack without manifest.
      _ = try FileStatus(ofPath: path)
      bytes = try InputFile.contents(of: file, limit: PackConstants.manifestByteLimit)
    } catch {
      if case .notFound(file) = error { throw .noManifest(path: path) }
      throw .file(error)
    }
    do throws(ManifestError) {
      return try Manifest(parsing: bytes)
    } catch {
      throw .manifest(path: file, error)
    }
  }

  private static func map(
    _ stage: Stage, of manifest: Manifest, in path: String
  ) throws(PackError) -> MappedFile {
    let file = Path.join(path, "\(stage.rawValue).seg")
    let mapped: MappedFile
    do throws(FileError) {
      mapped = try MappedFile(path: file)
    } catch {
      throw .file(error)
    }
    let expected = manifest.layout[stage].byteCount
    guard mapped.bytes.byteCount == expected else {
      throw .segmentLength(path: file, expected: expected, found: mapped.bytes.byteCount)
    }
    do throws(SegmentHeaderError) {
      try SegmentHeader(stage: stage, fileLength: expected, identity: manifest.identity)
        .check(mapped.bytes)
    } catch {
      throw .segmentHeader(path: file, error)
    }
    return mapped
  }
}
