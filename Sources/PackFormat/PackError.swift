public import FileAccess
import HuginnModel
public import Quantization
import Tensors

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
  case planeType(tensor: String, dtype: Plane.ElementType)
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
      "\(path.quoted) has no \(PackConstants.manifestName): it is not a pack, or writing it was interrupted"
    case .manifest(let path, let error):
      "\(path.quoted): \(error)"
    case .segmentLength(let path, let expected, let found):
      "\(path.quoted) has \(found) bytes, expected \(expected)"
    case .segmentHeader(let path, let error):
      "\(path.quoted): \(error)"
    case .faulty(let path, let fault):
      "\(path.quoted) is not intact: \(fault)"
    case .manifestTooLarge(let count):
      "the manifest would have \(count) bytes, expected at most "
        + "\(PackConstants.manifestByteLimit): the model has too many tensors"
    case .cancelled:
      "interrupted; nothing was left behind"
    case .noTensor(let name):
      "the pack has no tensor \(name.quoted)"
    case .noPlane(let tensor, let role):
      "the encoding of tensor \(tensor.quoted) has no \(role.rawValue)"
    case .planeType(let tensor, let dtype):
      "the plane of tensor \(tensor.quoted) holds \(dtype.rawValue) and cannot be viewed as another type"
    case .view(let tensor, let error):
      "tensor \(tensor.quoted): \(error)"
    case .companionKept(let path, let name):
      "\(path.quoted) holds \(name.quoted), which would be removed with the old pack"
    case .insidePack(let path, let pack):
      "\(path.quoted) lies in the pack \(pack.quoted), which may hold only its own files; choose a path "
        + "outside it"
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
