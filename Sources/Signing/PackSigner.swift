import FileAccess
import Integrity
public import PackFormat
public import Parallelism

/// Signs packs with a key.
public struct PackSigner: Sendable {
  /// What was signed.
  public struct Outcome: Sendable {
    /// The manifest of the pack.
    public let manifest: Manifest
    /// What the signature vouches for.
    public let statement: Statement
    /// Where the signature is.
    public let signaturePath: String
    /// Whether `SHA256SUMS` was written; it was there and agrees where not.
    public let wroteChecksums: Bool
    /// What lies beside the pack's files and was left out, of `PackFileNames.ignored`.
    public let ignored: [String]
  }

  private let path: String
  private let key: SigningKey
  private let workers: Workers
  private let monitor: Monitor

  /// A signer for the pack at `path`.
  ///
  /// - Parameters:
  ///   - path: its directory.
  ///   - key: what signs.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read: each is verified and hashed as part of its
  ///     file at once.
  public init(
    path: String, key: SigningKey, workers: Workers = Workers(), monitor: Monitor = .none
  ) {
    self.path = path
    self.key = key
    self.workers = workers
    self.monitor = monitor
  }

  /// Verifies the pack, and writes `SHA256SUMS`, where it is not there, and then the signature.
  ///
  /// The directory is opened once: what is signed is what was verified, and the signature lands
  /// beside it.
  ///
  /// - Parameter replacing: whether a signature that is there is replaced.
  /// - Returns: what was signed.
  /// - Throws: ``SigningError``. Nothing was written then, unless the disk fails between the two.
  public func sign(replacing: Bool) throws(SigningError) -> Outcome {
    let directory = try open()
    let target = directory.path(of: SignatureBundle.fileName)
    let names = try SigningError.wrapping(directory.names())
    if !replacing, names.contains(SignatureBundle.fileName) { throw .file(.exists(path: target)) }
    let (manifest, verification) = try verified(directory)
    let signed = SignedNames.signed(names)
    for name in signed where verification.fileDigests[name] == nil {
      // What verification passes over, such as a companion, is signed all the same.
      _ = try SigningError.wrapping(directory.file(name))
      throw .file(.changed(path: directory.path(of: name)))
    }
    var digests = verification.fileDigests.filter { signed.contains($0.key) }
    let list = try listOfChecksums(for: digests, in: directory)
    if let list { digests[ChecksumList.fileName] = Digest(of: list.span.rawBytes) }

    let kinds = try signed.map { name throws(SigningError) in
      try SigningError.wrapping(directory.status(ofLink: name).kind)
    }
    let statement = Statement(
      subject: try SigningError.wrapping(subject()), allowsLinks: kinds.contains(.link),
      ignoredPaths: SignedNames.ignoredPaths, digests: digests)
    let envelope = try SigningError.wrapping(
      Envelope(signing: statement.canonicalBytes, type: Envelope.statementType, by: key),
      as: SigningError.key)
    let bundle = SignatureBundle(hint: key.verifyingKey.fingerprint, envelope: envelope)
    if monitor.isCancelled { throw .cancelled }
    try SigningError.wrapping { () throws(FileError) in
      try directory.checkUnchanged()
      if let list {
        try PartialFile.write(
          list, name: ChecksumList.fileName, in: directory, replacing: false)
      }
      try PartialFile.write(
        bundle.canonicalBytes, name: SignatureBundle.fileName, in: directory,
        replacing: replacing)
      // What was said of the pack is said of the path.
      guard directory.isPath(path) else { throw .changed(path: path) }
    }
    return Outcome(
      manifest: manifest, statement: statement, signaturePath: target,
      wroteChecksums: list != nil, ignored: verification.ignored)
  }

  private func open() throws(SigningError) -> OpenDirectory {
    do throws(FileError) {
      return try OpenDirectory(path: path)
    } catch {
      guard case .notADirectory = error else { throw .file(error) }
      throw .faulty(path: path, first: .manifest(.noManifest(path: path)), count: 1)
    }
  }

  /// A signature on a damaged pack would vouch for the damage.
  private func verified(
    _ directory: OpenDirectory
  ) throws(SigningError) -> (Manifest, PackVerification) {
    let verification = try SigningError.wrapping(
      PackVerification(
        directory, digestingFiles: true, workers: workers, monitor: monitor), as: SigningError.init)
    if let first = verification.faults.first {
      throw .faulty(path: path, first: first, count: verification.faults.count)
    }
    guard let manifest = verification.manifest else {
      preconditionFailure("a pack without faults has a manifest")
    }
    return (manifest, verification)
  }

  /// The text of `SHA256SUMS` for files of these digests; nil if it is there and agrees.
  private func listOfChecksums(
    for digests: [String: Digest], in directory: OpenDirectory
  ) throws(SigningError) -> [UInt8]? {
    guard digests[ChecksumList.fileName] != nil else {
      let files = digests.sorted { $0.key < $1.key }.map { (name: $0.key, digest: $0.value) }
      return Array(ChecksumList.text(files).utf8)
    }
    let list = directory.path(of: ChecksumList.fileName)
    let bytes = try SigningError.wrapping(
      directory.contents(of: ChecksumList.fileName, limit: ChecksumList.byteLimit))
    let entries = try SigningError.wrapping(
      ChecksumList.parse(String(decoding: bytes, as: UTF8.self)),
      as: { .malformedChecksums(path: list, $0) }
    )
    // What is no part of the pack is not known here.
    .filter { !SignedNames.isListed($0, below: PackFileNames.ignored) }
    if let disagreement = ChecksumDisagreement(of: entries, with: digests) {
      throw .checksums(path: list, disagreement)
    }
    return nil
  }

  /// The directory's own name, also where the path does not tell it.
  private func subject() throws(FileError) -> String {
    let name = Path.name(of: path)
    return ["", ".", "..", "/"].contains(name) ? Path.name(of: try resolvedPath(path)) : name
  }
}
