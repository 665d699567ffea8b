public import HuginnModel
public import Integrity
import Tensors

/// Something that verification found wrong with a pack.
public enum PackFault: Equatable, Sendable, CustomStringConvertible {
  /// The manifest is missing or was refused, so nothing else can be checked.
  case manifest(PackError)
  /// A file that the manifest names cannot be read as one.
  case unreadable(name: String, reason: String)
  /// A file has another length than the manifest says.
  case length(name: String, expected: Int, found: Int)
  /// A header page is not what the manifest makes it.
  case header(Stage, SegmentHeaderError)
  /// A tensor's bytes are not those that were written.
  case tensor(name: String, stage: Stage, layer: Int?, expected: Digest, found: Digest)
  /// A byte that belongs to no tensor is not zero.
  case padding(Stage, byteOffset: Int, found: UInt8)
  /// A sidecar's bytes are not those that were copied.
  case sidecar(name: String, expected: Digest, found: Digest)
  /// The copied config says otherwise of the model than the manifest.
  case config(member: String, found: String, expected: String)
  /// The copied config is none that is converted.
  case invalidConfig(reason: String)
  /// A file that belongs to no pack.
  case unexpectedFile(name: String)
  /// The pack is not what its source gives.
  case source(path: String, expected: String, found: String)

  /// A stable name of the kind of fault.
  public var code: String {
    switch self {
    case .manifest: "manifest"
    case .unreadable: "unreadable"
    case .length: "length"
    case .header: "header"
    case .tensor: "tensor"
    case .padding: "padding"
    case .sidecar: "sidecar"
    case .config, .invalidConfig: "config"
    case .unexpectedFile: "unexpected-file"
    case .source: "source"
    }
  }

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .manifest(let error):
      error.description
    case .unreadable(let name, let reason):
      "\(name.quoted) cannot be read: \(reason)"
    case .length(let name, let expected, let found):
      "\(name.quoted) has \(found) bytes, expected \(expected)"
    case .header(let stage, let error):
      "the header of the \(stage.rawValue) segment is damaged: \(error)"
    case .tensor(let name, let stage, let layer, let expected, let found):
      "tensor \(name.quoted) (\(stage.rawValue)\(layer.map { ", layer \($0)" } ?? "")) is damaged: "
        + "its digest is \(found), expected \(expected)"
    case .padding(let stage, let offset, let found):
      "byte \(offset) of the \(stage.rawValue) segment belongs to no tensor and is \(found), "
        + "expected zero"
    case .sidecar(let name, let expected, let found):
      "\(name.quoted) is damaged: its digest is \(found), expected \(expected)"
    case .config(let member, let found, let expected):
      "\(HuginnConfig.fileName.quoted) contradicts the manifest: \(member.printable) is "
        + "\(found.printable), expected \(expected.printable)"
    case .invalidConfig(let reason):
      "\(HuginnConfig.fileName.quoted) is not a valid config: \(reason.printable)"
    case .unexpectedFile(let name):
      "\(name.quoted) is not part of the pack; remove it"
    case .source(let path, let expected, let found):
      "\(path.quoted) is \(found.printable), expected \(expected.printable) from the source"
    }
  }
}
