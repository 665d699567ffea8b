public import FileAccess
public import Integrity
public import PackFormat
import Tensors

/// Why a pack was not signed.
public enum SigningError: CancellableError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The key was refused.
  case key(KeyError)
  /// Verification found faults; this is the first of so many.
  case faulty(path: String, first: PackFault, count: Int)
  /// The list of checksums in the pack cannot be read.
  case malformedChecksums(path: String, ChecksumListError)
  /// The list of checksums in the pack is not that of its files.
  case checksums(path: String, ChecksumDisagreement)
  /// The caller asked to stop.
  case cancelled

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .key(let error):
      error.description
    case .faulty(let path, let first, let count):
      "\(path.quoted) was not signed: it has \(count.counted("fault")), the first: \(first)"
    case .malformedChecksums(let path, let error):
      "\(path.quoted): \(error)"
    case .checksums(let path, let disagreement):
      "\(path.quoted) disagrees with the pack: \(disagreement); remove it to have it written again"
    case .cancelled:
      "interrupted; nothing was left behind"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .key(let error): error
    case .cancelled: CancellationError()
    default: nil
    }
  }
}
