import HuginnModel
import Integrity
import PackFormat
import Presentation
import Signing
import StrictJSON

/// The report of verifying a pack.
struct PackReport {
  /// Something that was found, for people and for machines.
  struct Fault {
    let text: String
    let json: JSONValue
  }

  private(set) var faults: [Fault] = []
  private let byteCount: Int
  private var manifest: Manifest?
  private var isCompared = false
  /// The fingerprint of the key, and whether it vouches for the pack.
  private var signature: (key: String, holds: Bool)?

  init(byteCount: Int) { self.byteCount = byteCount }

  /// Adds the faults of the pack itself.
  mutating func add(_ verification: PackVerification) {
    manifest = verification.manifest
    faults += verification.faults.map { Fault(text: "\($0)", json: $0.json) }
  }

  /// Adds the faults of the signature.
  mutating func add(_ verification: SignatureVerification, _ key: VerifyingKey) {
    signature = (key.fingerprint, verification.faults.isEmpty)
    faults += verification.faults.map { Fault(text: "\($0)", json: $0.json) }
  }

  /// Adds the differences from the source.
  mutating func addComparison(_ found: [PackFault]) {
    isCompared = true
    faults += found.map { Fault(text: "\($0)", json: $0.json) }
  }

  /// The report for people.
  var text: String {
    guard let manifest, faults.isEmpty else {
      return faults.map { "\($0.text)\n" }.joined() + Numbers.count(faults.count, "fault") + "\n"
    }
    return "intact: \(Numbers.count(manifest.tensors.count, "tensor")) in "
      + "\(manifest.layout.segments.count) segments, "
      + "\(Numbers.count(manifest.sidecars.count, "sidecar")), \(Numbers.bytes(byteCount))"
      + (isCompared ? ", matching the source" : "")
      + (signature == nil ? "" : ", signature valid") + "\n"
      + "digest \(manifest.digest)\n" + (signature.map { "key \($0.key)\n" } ?? "")
  }

  /// The report for machines.
  var json: JSONValue {
    var json: [String: JSONValue] = [
      "intact": .boolean(faults.isEmpty),
      "faults": .array(faults.map(\.json)),
      "bytes": .integer(byteCount),
      "source_compared": .boolean(isCompared),
    ]
    if let manifest {
      json["digest"] = .string("\(manifest.digest)")
      json["tensors"] = .integer(manifest.tensors.count)
    }
    if let signature {
      json["signature"] = ["key": .string(signature.key), "holds": .boolean(signature.holds)]
    }
    return .object(json)
  }
}

extension PackFault {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = ["code": .string(code), "message": .string(description)]
    switch self {
    case .tensor(let name, let stage, let layer, let expected, let found):
      members["tensor"] = .string(name)
      members["stage"] = .string(stage.rawValue)
      if let layer { members["layer"] = .integer(layer) }
      members["expected"] = .string("\(expected)")
      members["found"] = .string("\(found)")
    case .header(let stage, _):
      members["stage"] = .string(stage.rawValue)
    case .padding(let stage, let offset, _):
      members["stage"] = .string(stage.rawValue)
      members["byte"] = .integer(offset)
    case .sidecar(let name, _, _), .unexpectedFile(let name), .length(let name, _, _),
      .unreadable(let name, _):
      members["file"] = .string(name)
    case .source(let path, let expected, let found):
      members["member"] = .string(path)
      members["expected"] = .string(expected)
      members["found"] = .string(found)
    case .config(let member, let found, let expected):
      members["file"] = .string(HuginnConfig.fileName)
      members["member"] = .string(member)
      members["expected"] = .string(expected)
      members["found"] = .string(found)
    case .invalidConfig:
      members["file"] = .string(HuginnConfig.fileName)
    case .manifest:
      members["file"] = .string(PackConstants.manifestName)
    }
    return .object(members)
  }
}

extension SignatureFault {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = ["code": .string(code), "message": .string(description)]
    switch self {
    case .changed(let name, let signed, let found):
      members["file"] = .string(name)
      members["expected"] = .string("\(signed)")
      members["found"] = .string("\(found)")
    case .missing(let name), .unreadable(let name, _), .unsignedFile(let name):
      members["file"] = .string(name)
    case .unsigned(let path), .bundle(let path, _), .otherKey(let path, _, _),
      .signature(let path, _), .statement(let path, _):
      members["file"] = .string(path)
    case .checksums, .malformedChecksums:
      members["file"] = .string(ChecksumList.fileName)
    }
    return .object(members)
  }
}
