import FileAccess
import HuginnModel
public import Integrity
import Safetensors
import Tensors

/// The files of a checkpoint and what vouches for each, before any is read.
///
/// They are the files in its directory, and those in folders below it for which a digest is claimed.
/// Lists of checksums and signatures are among them only where something vouches for them, too; what
/// a download keeps for itself, `.cache` and `.git`, never is. Of a file that was named alone they are
/// that file, its index and its config.
public struct ChecksumSurvey: Sendable {
  /// A file to be looked at.
  struct File {
    let path: RelativePath
    /// Whether it is part of the checkpoint itself: a shard, the index, the config.
    let isOwn: Bool
    /// Whether it must be read: the checkpoint needs it, or the caller asked for it.
    let isNeeded: Bool
    let claims: [ClaimedDigest]

    /// Whether its digest is reported: a file that belongs to something else can be large.
    var isHashed: Bool { isOwn || !claims.isEmpty }
  }

  let checkpoint: Checkpoint
  let files: [File]
  let malformed: [CheckpointRemark]
  let unreadable: [CheckpointRemark]
  let remarks: [CheckpointRemark]
  /// What the caller claims of files that are not below the directory.
  let outside: [String]

  /// The bytes that verifying reads.
  public var byteCount: Int {
    files.filter(\.isHashed).reduce(0) { sum, file in
      let path = checkpoint.location.path(of: file.path.text)
      return sum + ((try? FileStatus(ofPath: path))?.byteCount ?? 0)
    }
  }

  /// Looks at what lies in a checkpoint's directory.
  ///
  /// - Parameters:
  ///   - checkpoint: opened.
  ///   - claimed: digests that the caller knows, by file name.
  ///   - claimant: what is said to claim those.
  public init(
    _ checkpoint: Checkpoint, claimed: [(file: String, digest: Digest)] = [],
    by claimant: String = "the caller"
  ) {
    self.checkpoint = checkpoint
    let location = checkpoint.location
    let own = Set(checkpoint.fileNames.compactMap { RelativePath($0) })
    let walk =
      location.isDirectory
      ? FileWalk(location.directory, skipping: ChecksumSource.bookkeeping) : nil
    let found = walk?.names ?? own.sorted()
    let source = ChecksumSource(location.directory, names: location.fileNames, files: found)
    // A file that was named has nothing to do with its neighbours.
    var claims = source.claims.filter { location.isDirectory || own.contains($0.file) }
    var outside: [String] = []
    for (file, digest) in claimed {
      if let path = RelativePath(file) {
        claims.append(
          ClaimedDigest(source: claimant, file: path, digest: .sha256(digest)))
      } else {
        outside.append(file)
      }
    }
    let claimsByFile = Dictionary(grouping: claims, by: \.file)
    let names = own.union(claimsByFile.keys).union(found.filter { $0.folder == nil }).sorted()
    let asked = Set(claimed.compactMap { RelativePath($0.file) })
    let candidates = names.map {
      File(
        path: $0, isOwn: own.contains($0), isNeeded: own.contains($0) || asked.contains($0),
        claims: claimsByFile[$0] ?? [])
    }
    let confinement = Confinement(location.directory)
    let escaping = candidates.filter { !confinement.holds($0.path) }
    files = candidates.filter { file in
      confinement.holds(file.path)
        && (file.isHashed
          || confinement.isRegular(file.path.text) && !Self.isCompanion(file.path.text))
    }
    self.outside = outside + escaping.filter(\.isNeeded).map(\.path.text)
    malformed = source.malformed
    unreadable =
      (walk?.unreadable ?? []) + source.unreadable
      + escaping.flatMap { file in
        file.claims.map { .outside(file.path.text, namedBy: $0.source) }
      }
    remarks = source.remarks + found.compactMap { confinement.remark(onLink: $0.text) }
  }

  /// Whether a file is there to vouch for others.
  private static func isCompanion(_ name: String) -> Bool {
    ChecksumSource.isList(name) || ChecksumSource.isSignature(name)
  }
}

extension Checkpoint {
  /// The files that make the checkpoint: shards, index, config.
  fileprivate var fileNames: [String] {
    // Small files that are published tell the release from a look-alike.
    let small = [SafetensorsIndex.fileName, HuginnConfig.fileName] + PublishedRelease.digests.keys
    return shards.map(\.name) + small.filter(location.fileNames.contains)
  }
}
