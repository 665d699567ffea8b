public import FileAccess
import HuginnModel
import Tensors

/// Why a pack could not be written or opened.
public enum PackError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The directory has no manifest, so it is no pack.
  case noManifest(path: String)
  /// The manifest breaks a rule.
  case manifest(path: String, ManifestError)
  /// A segment's file has another length than the manifest says.
  case segmentLength(path: String, expected: Int, found: Int)
  /// A segment's header page is not what the manifest makes it.
  case segmentHeader(path: String, SegmentHeaderError)
  /// The pack has no tensor of that name.
  case noTensor(name: String)
  /// The target holds something else than a pack, and is not replaced.
  case notReplaced(path: String, found: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .noManifest(let path):
      "\(path.quoted) has no \(PackConstants.manifestName): it is no pack, or its writing was cut"
    case .manifest(let path, let error):
      "\(path.quoted): \(error)"
    case .segmentLength(let path, let expected, let found):
      "\(path.quoted) has \(found) bytes, the manifest says \(expected)"
    case .segmentHeader(let path, let error):
      "\(path.quoted): \(error)"
    case .noTensor(let name):
      "the pack has no tensor \(name.quoted)"
    case .notReplaced(let path, let found):
      "\(path.quoted) \(found), so --force does not replace it; choose another name"
    }
  }
}
