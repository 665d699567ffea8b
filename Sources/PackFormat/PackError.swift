public import FileAccess
import HuginnModel
public import Quantization
public import Tensors

/// Why a pack could not be written or opened.
public enum PackError: CancellableError, Equatable, Sendable, CustomStringConvertible {
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
  /// Something of it is not what the manifest says.
  indirect case faulty(path: String, PackFault)
  /// The manifest would be longer than a reader takes.
  case manifestTooLarge(byteCount: Int)
  /// The caller asked to stop.
  case cancelled
  /// The pack has no tensor of that name.
  case noTensor(name: String)
  /// A tensor has no plane of that role in its encoding.
  case noPlane(tensor: String, role: Plane.Role)
  /// A plane of this dtype has other elements than were asked for.
  case planeType(tensor: String, dtype: DType)
  /// A view leaves the segment.
  case view(tensor: String, ViewError)
  /// The target is a pack that somebody wrote about, or signed, and that was not to go with it.
  case companionKept(path: String, name: String)
  /// The target lies in a pack, which has no such file.
  case insidePack(path: String, pack: String)

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
    case .faulty(let path, let fault):
      "the pack \(path.quoted) is refused: \(fault)"
    case .manifestTooLarge(let count):
      "the manifest would take \(count) bytes, more than the \(PackConstants.manifestByteLimit) "
        + "that a pack's may have: the model has too many tensors"
    case .cancelled:
      "interrupted; nothing was left behind"
    case .noTensor(let name):
      "the pack has no tensor \(name.quoted)"
    case .noPlane(let tensor, let role):
      "tensor \(tensor.quoted) has no \(role.rawValue) in its encoding"
    case .planeType(let tensor, let dtype):
      "tensor \(tensor.quoted) has a plane of \(dtype.rawValue), which is viewed as another type"
    case .view(let tensor, let error):
      "tensor \(tensor.quoted): \(error)"
    case .companionKept(let path, let name):
      "\(path.quoted) holds \(name.quoted), which is not removed with the pack unless that is asked for"
    case .insidePack(let path, let pack):
      "\(path.quoted) would lie in the pack \(pack.quoted), as a file that belongs to no pack; choose a "
        + "path outside it"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .cancelled: CancellationError()
    default: nil
    }
  }
}
