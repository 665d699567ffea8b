import FileAccess
import HuginnModel
public import Integrity
public import Parallelism
import Safetensors
import Synchronization
import Tensors

/// What is known about a checkpoint being intact: its structure, and every checksum beside it.
public struct CheckpointVerification: Sendable {
  /// One file of the checkpoint and what vouches for it.
  public struct File: Sendable {
    /// A digest that was claimed for it.
    public struct Check: Equatable, Sendable {
      /// What claims it: a list, a blob's name, download metadata, the caller.
      public let source: String
      /// What it claims.
      public let expected: ContentDigest
      /// What the file has, of the same kind.
      public let found: ContentDigest

      /// Whether the claim holds.
      public var holds: Bool { found == expected }
    }

    /// Its name.
    public let name: String
    /// Its length.
    public let byteCount: Int
    /// Of its bytes.
    public let sha256: Digest
    /// Every claim; without one the file is not covered.
    public let checks: [Check]
    /// Whether it is the release's file of this name; nil where none was published.
    public let isPublished: Bool?

    /// Whether anything vouches for it.
    public var isCovered: Bool { !checks.isEmpty || isPublished == true }
  }

  /// The checkpoint, with its diagnostics.
  public let checkpoint: Checkpoint
  /// Its files, by name: shards, index, config, and whatever else a checksum is claimed for.
  public let files: [File]
  /// Files that a checksum is claimed for and that are not there.
  public let missing: [String]
  /// Lists of checksums that could not be read, with the reason.
  public let malformedLists: [(name: String, reason: String)]

  /// Whether structure and all claims hold.
  public var isIntact: Bool {
    !checkpoint.diagnostics.containErrors && missing.isEmpty && malformedLists.isEmpty
      && files.allSatisfy { $0.checks.allSatisfy(\.holds) }
  }

  /// The files that nothing vouches for.
  public var uncovered: [String] { files.filter { !$0.isCovered }.map(\.name) }

  /// Verifies a checkpoint; each file is read once, in parallel.
  ///
  /// - Parameters:
  ///   - checkpoint: opened.
  ///   - claimed: digests that the caller knows, by file name.
  ///   - workers: the threads to use.
  ///   - monitor: told of the bytes read.
  /// - Throws: ``CheckpointError``.
  public init(
    _ checkpoint: Checkpoint, claimed: [(file: String, digest: Digest)] = [],
    workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws(CheckpointError) {
    let source = ChecksumSource(checkpoint.location)
    let claims =
      source.claims
      + claimed.map { ClaimedDigest(source: "--sha256", file: $0.file, digest: .sha256($0.digest)) }
    var names = Set(checkpoint.fileNames)
    var outside: [(name: String, reason: String)] = []
    for claim in claims {
      if Path.isPlainName(claim.file) {
        names.insert(claim.file)
      } else {
        outside.append(
          (claim.source, "it names \(claim.file.quoted), which is no file of this directory"))
      }
    }
    let sorted = names.sorted()
    let claimsByFile = Dictionary(grouping: claims, by: \.file)
    let reports = Mutex([File?](repeating: nil, count: sorted.count))
    try workers.run(sorted.count) { index throws(CheckpointError) in
      let name = sorted[index]
      guard let file = try Self.open(name, in: checkpoint.location) else { return }
      let report = try Self.hash(name, file, claimsByFile[name] ?? [], monitor)
      reports.withLock { $0[index] = report }
    }
    let found = reports.withLock { $0 }
    self.checkpoint = checkpoint
    files = found.compactMap(\.self)
    // A list may go on naming a shard that is left out on purpose.
    let spared = Set(
      checkpoint.diagnostics.filter { $0.code == .headShardMissing }.map(\.subject)
    ).subtracting(claimed.map(\.file))
    missing = zip(sorted, found).filter { $0.1 == nil && !spared.contains($0.0) }.map(\.0)
    malformedLists = source.malformed + outside
  }

  /// Opens a file; nil where it is not there, or is none.
  private static func open(
    _ name: String, in location: CheckpointLocation
  ) throws(CheckpointError) -> InputFile? {
    do throws(FileError) {
      return try InputFile(path: location.path(of: name))
    } catch {
      guard error.isNotFound || error.isOfOtherKind else { throw .file(error) }
      return nil
    }
  }

  private static func hash(
    _ name: String, _ file: InputFile, _ claims: [ClaimedDigest], _ monitor: Monitor
  ) throws(CheckpointError) -> File {
    let needsGit = claims.contains {
      if case .gitBlob = $0.digest { true } else { false }
    }
    let found: (sha256: Digest, gitBlob: String)?
    do throws(FileError) {
      let advance = { (count: Int) in
        monitor.advance(by: count)
        return !monitor.isCancelled
      }
      found =
        needsGit
        ? try ContentDigest.both(of: file, advance: advance)
        : try Digest(of: file, ranges: [0..<file.byteCount], advance: advance).map { ($0, "") }
    } catch {
      throw .file(error)
    }
    guard let found else { throw .cancelled }
    return File(
      name: name, byteCount: file.byteCount, sha256: found.sha256,
      checks: claims.map { claim in
        let own: ContentDigest =
          switch claim.digest {
          case .sha256: .sha256(found.sha256)
          case .gitBlob: .gitBlob(found.gitBlob)
          }
        return File.Check(source: claim.source, expected: claim.digest, found: own)
      },
      isPublished: PublishedRelease.digests[name].map { $0 == found.sha256.description })
  }
}

extension Checkpoint {
  /// The files that make the checkpoint: shards, index, config.
  fileprivate var fileNames: [String] {
    let small = [SafetensorsIndex.fileName, "config.json"].filter(location.fileNames.contains)
    // Small files that are published tell the release from a look-alike.
    let published = PublishedRelease.digests.keys.filter(location.fileNames.contains)
    return shards.map(\.name) + small + published
  }
}
