import FileAccess
import Integrity
import PackFormat
import Parallelism

/// The steps of holding a pack's files against a statement, and what they find.
struct SignatureCheck {
  private let directory: OpenDirectory
  private let statement: Statement
  private let signed: [String: Digest]
  /// The signature's name, where it lies in the pack.
  private let signatureName: String?
  private(set) var faults: [SignatureFault] = []
  private var files: [(name: String, file: InputFile)] = []
  private var found: [String: Digest] = [:]

  init(_ directory: OpenDirectory, signature: String?, statement: Statement) {
    self.directory = directory
    self.statement = statement
    // A statement has no name twice.
    signed = Dictionary(statement.resources.map { ($0.name, $0.digest) }) { first, _ in first }
    signatureName = signature
  }

  /// Opens what was signed and has not been read, and notes what is missing and what was not signed.
  mutating func openFiles(except read: [String: Digest]) throws(FileError) {
    for name in signed.keys.sorted() where read[name] == nil {
      do throws(FileError) {
        files.append((name, try directory.file(name)))
      } catch {
        if error.isNotFound {
          faults.append(.missing(name: name))
        } else if error.isFaultOfObject {
          faults.append(.unreadable(name: name, reason: error.description))
        } else {
          throw error
        }
      }
    }
    // By bytes, as the file system compares: to `String`, another name may be equivalent.
    let listed = Set(signed.keys.map { Array($0.utf8) })
    for name in try directory.names()
    where !listed.contains(Array(name.utf8)) && name != signatureName
      && !SignedNames.mayBeUnsigned(name, by: statement)
    {
      faults.append(.unsignedFile(name: name))
    }
  }

  /// Hashes the files that were not read before, and notes those that are not as they were signed.
  mutating func compare(
    _ read: [String: Digest], _ workers: Workers, _ monitor: Monitor
  ) throws(ReadingError) {
    found = read.merging(try PackFiles(files).digests(workers, monitor)) { $1 }
    for (name, signed) in signed.sorted(by: { $0.key < $1.key }) {
      if let found = found[name], signed != found {
        faults.append(.changed(name: name, signed: signed, found: found))
      }
    }
  }

  /// Compares a signed list of checksums with the files that were signed with it.
  mutating func readChecksums() throws(FileError) {
    let name = ChecksumList.fileName
    guard let digest = signed[name], found[name] == digest else { return }
    let bytes = try directory.contents(of: name, limit: ChecksumList.byteLimit)
    do throws(ChecksumListError) {
      let entries = try ChecksumList.parse(String(decoding: bytes, as: UTF8.self))
        // What was left out when signing is not known here.
        .filter { !SignedNames.isListed($0, below: statement.ignoredPaths) }
      if let disagreement = ChecksumDisagreement(of: entries, with: signed) {
        faults.append(.checksums(disagreement))
      }
    } catch {
      faults.append(.malformedChecksums(error))
    }
  }
}
