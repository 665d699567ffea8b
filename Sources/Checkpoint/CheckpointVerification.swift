public import FileAccess
import HuginnModel
public import Integrity
public import Parallelism
import Synchronization

/// What is known about a checkpoint being intact: its structure, and every checksum beside it.
///
/// Of a file, one of four things can be wrong, and they are told apart: it *differs* from a digest,
/// it *is not here* although one is claimed for it, nothing that can be read *covers* it, or it
/// *cannot be read*. The first two are damage.
public struct CheckpointVerification: Sendable {
  /// One file of the checkpoint and what vouches for it.
  public struct File: Sendable {
    /// A digest that was claimed for it.
    public struct Check: Equatable, Sendable {
      /// What claims it: a list, a blob's name, download metadata, the caller.
      public let source: String
      /// The claimed digest.
      public let expected: ContentDigest
      /// What the file has, of the same kind.
      public let found: ContentDigest

      /// Whether the claim holds.
      public var holds: Bool { found == expected }
    }

    /// Its path below the checkpoint's directory.
    public let name: String
    /// Its length.
    public let byteCount: Int
    /// The digest of its bytes; nil if it is not part of the checkpoint and nothing is claimed for it.
    public let sha256: Digest?
    /// Every claim; without one the file is not covered.
    public let checks: [Check]
    /// Whether it is the release's file of this name; nil if none was published.
    public let isPublished: Bool?

    /// Whether anything vouches for it.
    public var isCovered: Bool { !checks.isEmpty || isPublished == true }
  }

  /// The checkpoint, with its diagnostics.
  public let checkpoint: Checkpoint
  /// Its files, by name, as ``ChecksumSurvey`` finds them.
  public let files: [File]
  /// Files that a checksum is claimed for and that are not there.
  public let missing: [String]
  /// Files with the name of a list of checksums that are none, and lists with lines that are none.
  public let malformed: [CheckpointRemark]
  /// Lists, and files with a checksum, that are there and cannot be read, or are named and outside.
  public let unreadable: [CheckpointRemark]
  /// What else is worth knowing: digests of another kind, links that lead elsewhere.
  public let remarks: [CheckpointRemark]

  /// Whether structure and all claims hold.
  public var isIntact: Bool {
    !checkpoint.diagnostics.containErrors && missing.isEmpty
      && files.allSatisfy { $0.checks.allSatisfy(\.holds) }
  }

  /// Whether a claim that holds was found for every file, and no claim went unread.
  public var isProven: Bool {
    isIntact && uncovered.isEmpty && malformed.isEmpty && unreadable.isEmpty
  }

  /// The files that nothing vouches for.
  public var uncovered: [String] { files.filter { !$0.isCovered }.map(\.name) }

  /// Verifies a checkpoint; each file is read once, in parallel.
  ///
  /// - Parameters:
  ///   - survey: the files, and what is claimed for them.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Throws: ``ReadingError``: where the system refuses a file that the checkpoint needs or that
  ///   the caller claimed a digest for, or the caller asked to stop.
  public init(
    _ survey: ChecksumSurvey, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ReadingError) {
    checkpoint = survey.checkpoint
    let location = checkpoint.location
    let findings = Mutex([FileFinding](repeating: .nothing, count: survey.files.count))
    try workers.run(survey.files.count) { index throws(ReadingError) in
      let finding = try FileFinding(survey.files[index], in: location, monitor)
      findings.withLock { $0[index] = finding }
    }
    var (files, missing, unreadable) = ([File](), survey.outside, survey.unreadable)
    // A list may go on naming a shard that is left out on purpose.
    let spared = checkpoint.diagnostics.filter { $0.code == .headShardMissing }.map(\.subject)
    for (file, finding) in zip(survey.files, findings.withLock { $0 }) {
      let name = file.path.text
      switch finding {
      case .nothing where file.claims.isEmpty: break
      case .nothing where spared.contains(name) && !file.isNeeded: break
      case .nothing: missing.append(name)
      case .file(let report): files.append(report)
      case .unreadable(let reason):
        unreadable.append(CheckpointRemark(file: name, reason: reason))
      }
    }
    self.files = files
    self.missing = missing
    malformed = survey.malformed
    self.unreadable = unreadable
    remarks = survey.remarks
  }
}
