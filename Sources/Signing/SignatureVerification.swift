import FileAccess
import Integrity
public import PackFormat
public import Parallelism

/// Proves, or disproves, that the files of a pack are those for which a key vouches.
///
/// It takes nothing from the manifest: that the pack is one is for `PackVerification`.
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
  ///   - monitor: told of the bytes read.
  /// - Throws: `VerificationError` where the system refuses a read, a signature file that was asked
  ///   for does not exist, or the monitor cancels. Faults are no errors.
  public init(
    path: String, signature: String? = nil, key: VerifyingKey, workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws(VerificationError) {
    let file = signature ?? Path.join(path, SignatureBundle.fileName)
    let statement: Statement
    do throws(SignatureRefusal) {
      statement = try Self.statement(in: file, isAskedFor: signature != nil, key)
    } catch {
      switch error {
      case .fault(let fault): self.init(faults: [fault], statement: nil)
      case .error(let error): throw .file(error)
      }
      return
    }
    var check = SignatureCheck(path: path, signature: file, statement: statement)
    do throws(FileError) { try check.openFiles() } catch { throw .file(error) }
    try check.compare(workers, monitor)
    do throws(FileError) { try check.readChecksums() } catch { throw .file(error) }
    self.init(faults: check.faults, statement: statement)
  }

  private init(faults: [SignatureFault], statement: Statement?) {
    self.faults = faults
    self.statement = statement
  }

  /// What stands in the way of looking at files.
  private enum SignatureRefusal: Error {
    case fault(SignatureFault)
    case error(FileError)
  }

  /// What the key vouches for: the statement is not looked at before its signature holds.
  private static func statement(
    in path: String, isAskedFor: Bool, _ key: VerifyingKey
  ) throws(SignatureRefusal) -> Statement {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: path, limit: Limits.bundleByteCount)
    } catch {
      if error.isNotFound, !isAskedFor { throw .fault(.unsigned(path: path)) }
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
