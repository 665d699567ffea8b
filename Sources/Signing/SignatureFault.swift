import FileAccess
public import Integrity
import PackFormat
import Tensors

/// Something for which a pack is not what a key vouches for.
public enum SignatureFault: Equatable, Sendable, CustomStringConvertible {
  /// The pack has no signature.
  case unsigned(path: String)
  /// The signature file was refused before any key was tried.
  case bundle(path: String, BundleError)
  /// The signature is by another key, or it does not say by which.
  case otherKey(path: String, named: String?, key: String)
  /// The signature names this key and is not by it: it, or what it signs, was changed.
  case signature(path: String, key: String)
  /// What was signed cannot be checked.
  case statement(path: String, StatementError)
  /// A file's bytes are not those that were signed.
  case changed(name: String, signed: Digest, found: Digest)
  /// A file that was signed is not there.
  case missing(name: String)
  /// A file that was signed cannot be read as one.
  case unreadable(name: String, reason: String)
  /// A file that was not signed.
  case unsignedFile(name: String)
  /// The list of checksums was signed as it is, and is not that of the files.
  case checksums(ChecksumDisagreement)
  /// The list of checksums was signed as it is, and is none.
  case malformedChecksums(ChecksumListError)

  /// A stable name of the kind of fault.
  public var code: String {
    switch self {
    case .unsigned: "unsigned"
    case .bundle: "signature-file"
    case .otherKey: "other-key"
    case .signature: "signature"
    case .statement: "statement"
    case .changed: "not-as-signed"
    case .missing: "signed-file-missing"
    case .unreadable: "signed-file-unreadable"
    case .unsignedFile: "unsigned-file"
    case .checksums, .malformedChecksums: "checksums"
    }
  }

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .unsigned(let path):
      "the pack is not signed: \(path.quoted) does not exist"
    case .bundle(let path, let error):
      "\(path.quoted) is not a signature that can be checked: \(error)"
    case .otherKey(let path, let named, let key):
      "\(path.quoted) was not made with this key: it names "
        + (named.map { "the key \($0.printable)" } ?? "no key") + ", expected \(key)"
    case .signature(let path, let key):
      "the signature in \(path.quoted) is invalid: it names the key \(key), but the signature or what "
        + "it signs was changed"
    case .statement(let path, let error):
      "what \(path.quoted) signs cannot be checked: \(error)"
    case .changed(let name, let signed, let found):
      "\(name.quoted) changed after it was signed: its SHA-256 is \(found), expected \(signed)"
    case .missing(let name):
      "\(name.quoted) was signed but is missing"
    case .unreadable(let name, let reason):
      "\(name.quoted) was signed but cannot be read: \(reason)"
    case .unsignedFile(let name):
      "\(name.quoted) was not signed; remove it, or sign the pack again"
    case .checksums(let disagreement):
      "\(ChecksumList.fileName.quoted) was signed but disagrees with the pack: \(disagreement)"
    case .malformedChecksums(let error):
      "\(ChecksumList.fileName.quoted) was signed but is not a list of checksums: \(error)"
    }
  }
}
