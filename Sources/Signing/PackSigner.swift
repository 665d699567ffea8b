import FileAccess
import Integrity
public import PackFormat
public import Parallelism

/// Signs packs with a key.
public struct PackSigner: Sendable {
  /// What was signed.
  public struct Outcome: Sendable {
    /// What the pack says of itself.
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
  ///   - monitor: told of the bytes read: each is verified, and then hashed as part of its file.
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
  /// - Parameter replacing: whether a signature that is there is replaced.
  /// - Returns: what was signed.
  /// - Throws: ``SigningError``. Nothing was written then, unless the disk fails between the two.
  public func sign(replacing: Bool) throws(SigningError) -> Outcome {
    let target = Path.join(path, SignatureBundle.fileName)
    let status = try reaching { () throws(FileError) in try FileStatus.ifPresent(ofLink: target) }
    if !replacing, status != nil { throw .signed(path: target) }
    let (manifest, passedOver) = try verified()
    let (names, allowsLinks) = try reaching { () throws(FileError) in try contents() }
    var digests = try digests(of: names)
    let list = try listOfChecksums(for: digests)
    if let list { digests[ChecksumList.fileName] = Digest(of: list.span.rawBytes) }

    let statement = Statement(
      subject: try reaching { () throws(FileError) in try subject() }, allowsLinks: allowsLinks,
      ignoredPaths: SignedNames.ignoredPaths, digests: digests)
    let envelope: Envelope
    do throws(KeyError) {
      envelope = try Envelope(
        signing: statement.canonicalBytes, type: Envelope.statementType, by: key)
    } catch {
      throw .key(error)
    }
    let bundle = SignatureBundle(hint: key.verifyingKey.fingerprint, envelope: envelope)
    if monitor.isCancelled { throw .cancelled }
    try reaching { () throws(FileError) in
      if let list {
        try PartialFile.write(
          list, to: Path.join(path, ChecksumList.fileName), replacing: false)
      }
      try PartialFile.write(bundle.canonicalBytes, to: target, replacing: replacing)
    }
    return Outcome(
      manifest: manifest, statement: statement, signaturePath: target,
      wroteChecksums: list != nil, ignored: passedOver)
  }

  /// A signature on a damaged pack would vouch for the damage.
  private func verified() throws(SigningError) -> (Manifest, ignored: [String]) {
    let verification: PackVerification
    do throws(VerificationError) {
      verification = try PackVerification(path: path, workers: workers, monitor: monitor)
    } catch {
      throw SigningError(error)
    }
    if let first = verification.faults.first {
      throw .faulty(path: path, first: first, count: verification.faults.count)
    }
    guard let manifest = verification.manifest else {
      preconditionFailure("a pack without faults has a manifest")
    }
    return (manifest, verification.ignored)
  }

  /// The files that are signed, and whether links are among them.
  private func contents() throws(FileError) -> (names: [String], allowsLinks: Bool) {
    let names = SignedNames.signed(try directoryContents(path))
    let kinds = try names.map { name throws(FileError) in
      try FileStatus(ofLink: Path.join(path, name)).kind
    }
    return (names, kinds.contains(.link))
  }

  private func digests(of names: [String]) throws(SigningError) -> [String: Digest] {
    let files = try reaching { () throws(FileError) in
      try names.map { name throws(FileError) in try InputFile(path: Path.join(path, name)) }
    }
    do throws(VerificationError) {
      let digests = try FileDigests.read(files, workers, monitor)
      return Dictionary(uniqueKeysWithValues: zip(names, digests))
    } catch {
      throw SigningError(error)
    }
  }

  /// The text of `SHA256SUMS` for files of these digests; nil where it is there and agrees.
  private func listOfChecksums(for digests: [String: Digest]) throws(SigningError) -> [UInt8]? {
    guard digests[ChecksumList.fileName] != nil else {
      let files = digests.sorted { $0.key < $1.key }.map { (name: $0.key, digest: $0.value) }
      return Array(ChecksumList.text(files).utf8)
    }
    let list = Path.join(path, ChecksumList.fileName)
    let bytes = try reaching { () throws(FileError) in
      try InputFile.contents(of: list, limit: ChecksumList.byteLimit)
    }
    let entries: [ChecksumList.Entry]
    do throws(ChecksumListError) {
      entries = try ChecksumList.parse(String(decoding: bytes, as: UTF8.self))
        // What is no part of the pack is not known here.
        .filter { !SignedNames.isListed($0, below: PackFileNames.ignored) }
    } catch {
      throw .malformedChecksums(path: list, error)
    }
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

  private func reaching<Value>(
    _ body: () throws(FileError) -> Value
  ) throws(SigningError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }
}

extension SigningError {
  fileprivate init(_ error: VerificationError) {
    switch error {
    case .file(let error): self = .file(error)
    case .cancelled: self = .cancelled
    }
  }
}
