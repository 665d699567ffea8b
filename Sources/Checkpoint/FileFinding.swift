import FileAccess
import HuginnModel
import Integrity
import Parallelism

/// The result of looking at a file to verify.
enum FileFinding {
  /// It does not exist, or is not a file.
  case nothing
  /// It was read, or had only to be there.
  case file(CheckpointVerification.File)
  /// It is there, and the system refuses it.
  case unreadable(reason: String)

  /// Looks at a file, and reads it if its digest is needed.
  ///
  /// - Throws: ``ReadingError``, if the system refuses one that cannot go unread.
  init(
    _ file: ChecksumSurvey.File, in location: CheckpointLocation, _ monitor: Monitor
  ) throws(ReadingError) {
    guard file.path.isPossible else {
      self = .nothing
      return
    }
    do throws(FileError) {
      let path = location.path(of: file.path.text)
      guard file.isHashed else {
        self = .file(file.report(byteCount: try FileStatus(ofPath: path).byteCount))
        return
      }
      let input = try InputFile(path: path)
      if let found = try Self.digests(of: input, file.claims, monitor) {
        self = .file(file.report(byteCount: input.byteCount, found))
        return
      }
    } catch {
      guard !error.isNotFound, !error.isOfOtherKind else {
        self = .nothing
        return
      }
      guard !file.isNeeded else { throw .file(error) }
      self = .unreadable(reason: error.description)
      return
    }
    throw .cancelled
  }

  /// The digests of a file that claims are of, read once; nil if the caller asked to stop.
  private static func digests(
    of file: InputFile, _ claims: [ClaimedDigest], _ monitor: Monitor
  ) throws(FileError) -> (sha256: Digest, gitBlob: String)? {
    let advance = { (count: Int) in
      monitor.advance(by: count)
      return !monitor.isCancelled
    }
    let needsGit = claims.contains { claim in
      if case .gitBlob = claim.digest { true } else { false }
    }
    return needsGit
      ? try ContentDigest.both(of: file, advance: advance)
      : try Digest(of: file, ranges: [0..<file.byteCount], advance: advance).map { ($0, "") }
  }
}

extension ChecksumSurvey.File {
  /// What is reported of the file, each claim beside the digest of its kind.
  fileprivate func report(
    byteCount: Int, _ found: (sha256: Digest, gitBlob: String)? = nil
  ) -> CheckpointVerification.File {
    var checks: [CheckpointVerification.File.Check] = []
    if let found {
      checks = claims.map { claim in
        let own: ContentDigest =
          switch claim.digest {
          case .sha256: .sha256(found.sha256)
          case .gitBlob: .gitBlob(found.gitBlob)
          }
        return .init(source: claim.source, expected: claim.digest, found: own)
      }
    }
    let published = isOwn ? PublishedRelease.digests[path.text] : nil
    return .init(
      name: path.text, byteCount: byteCount, sha256: found?.sha256, checks: checks,
      isPublished: published.map { $0 == found?.sha256.description })
  }
}
