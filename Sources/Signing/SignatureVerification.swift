public import FileAccess
public import Integrity
import PackFormat
public import Parallelism

/// Proves, or disproves, that the files of a pack are those for which a key vouches.
///
/// It uses nothing from the manifest: `PackVerification` checks the pack itself.
public struct SignatureVerification: Sendable {
  /// What is wrong; empty where the key vouches for every file.
  public let faults: [SignatureFault]
  /// What was signed; nil unless the signature is by the key.
  public let statement: Statement?

  /// Verifies the pack at `path`.
  ///
  /// - Parameters:
  ///   - path: its directory.
  ///   - signature: the signature file; nil for the one in the pack.
  ///   - key: whose signature it must be.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Throws: `ReadingError` if the system refuses a read, a signature file that was asked
  ///   for does not exist, the pack changes meanwhile, or the monitor cancels. Faults are not
  ///   errors.
  public init(
    path: String, signature: String? = nil, key: VerifyingKey, workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws(ReadingError) {
    let directory: OpenDirectory
    do throws(FileError) { directory = try OpenDirectory(path: path) } catch {
      guard case .notADirectory = error else { throw .file(error) }
      let file = Path.join(path, SignatureBundle.fileName)
      self.init(faults: [.unsigned(path: signature ?? file)], statement: nil)
      return
    }
    try self.init(
      directory, signature: signature, key: key, workers: workers, monitor: monitor)
  }

  /// Verifies the files of a pack whose directory is open.
  ///
  /// - Parameters:
  ///   - directory: the pack's.
  ///   - digests: those of its files, by name, where verification has read them before; the others
  ///     are read.
  ///   - signature: the signature file; nil for the one in the pack.
  ///   - key: whose signature it must be.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Throws: as ``init(path:signature:key:workers:monitor:)``.
  public init(
    _ directory: OpenDirectory, digests: [String: Digest] = [:], signature: String? = nil,
    key: VerifyingKey, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ReadingError) {
    let file = SignatureFile(directory, signature)
    let statement: Statement
    do throws(SignatureRefusal) {
      statement = try Self.statement(in: file, key)
    } catch {
      switch error {
      case .fault(let fault): self.init(faults: [fault], statement: nil)
      case .error(let error): throw .file(error)
      }
      return
    }
    var check = SignatureCheck(directory, signature: file.nameInPack, statement: statement)
    try ReadingError.wrapping(check.openFiles(except: digests))
    try check.compare(digests, workers, monitor)
    try ReadingError.wrapping { () throws(FileError) in
      try check.readChecksums()
      try directory.checkUnchanged(havingFaults: !check.faults.isEmpty)
    }
    self.init(faults: check.faults, statement: statement)
  }

  private init(faults: [SignatureFault], statement: Statement?) {
    self.faults = faults
    self.statement = statement
  }

  /// The fault that prevents looking at files.
  private enum SignatureRefusal: Error {
    case fault(SignatureFault)
    case error(FileError)
  }

  /// What the key vouches for: the statement is not read before its signature is verified.
  private static func statement(
    in file: SignatureFile, _ key: VerifyingKey
  ) throws(SignatureRefusal) -> Statement {
    let path = file.path
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try file.contents()
    } catch {
      if error.isNotFound, !file.isAskedFor { throw .fault(.unsigned(path: path)) }
      if error.isFaultOfObject { throw .fault(.bundle(path: path, .file(error))) }
      throw .error(error)
    }
    let bundle: SignatureBundle
    do throws(BundleError) {
      bundle = try SignatureBundle(parsing: bytes)
    } catch {
      throw .fault(.bundle(path: path, error))
    }
    guard bundle.envelope.isSigned(by: key) else {
      let fingerprint = key.fingerprint
      throw .fault(
        bundle.hint == fingerprint
          ? .signature(path: path, key: fingerprint)
          : .otherKey(path: path, named: bundle.hint, key: fingerprint))
    }
    do throws(StatementError) {
      return try Statement(parsing: bundle.envelope.payload)
    } catch {
      throw .fault(.statement(path: path, error))
    }
  }
}

/// Where the signature is: in the pack, or where the user says.
private struct SignatureFile {
  private let directory: OpenDirectory
  /// Where it is, for messages.
  let path: String
  /// Whether the user named it.
  let isAskedFor: Bool
  /// Its name, where it lies in the pack.
  let nameInPack: String?

  init(_ directory: OpenDirectory, _ path: String?) {
    self.directory = directory
    self.path = path ?? directory.path(of: SignatureBundle.fileName)
    isAskedFor = path != nil
    nameInPack =
      switch path {
      case nil: SignatureBundle.fileName
      case let path?: directory.isPath(Path.parent(of: path)) ? Path.name(of: path) : nil
      }
  }

  func contents() throws(FileError) -> [UInt8] {
    isAskedFor
      ? try InputFile.contents(of: path, limit: SignatureLimits.bundleByteCount)
      : try directory.contents(of: SignatureBundle.fileName, limit: SignatureLimits.bundleByteCount)
  }
}
