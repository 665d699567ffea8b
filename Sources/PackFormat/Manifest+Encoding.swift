import FileAccess
import HuginnModel
import Integrity
import Kernels
import Quantization
public import StrictJSON
import Tensors

extension Manifest {
  /// The bytes of `manifest.json`.
  public var canonicalBytes: [UInt8] {
    let json = jsonWithoutDigest
    guard case .object(var members) = json else { return [] }
    members["digest"] = .string("\(Digest(of: json.canonicalBytes.span.rawBytes))")
    return JSONValue.object(members).canonicalBytes
  }

  /// The manifest as JSON, without its own digest.
  public var jsonWithoutDigest: JSONValue {
    var source: [String: JSONValue] = [
      "files": .array(sourceFiles.map { $0.json(nameKey: "name") })
    ]
    if let sourceIndex { source["index"] = sourceIndex.json(nameKey: "name") }
    var rotaryTable: [String: JSONValue] = [
      "shape": config.rotaryTableShape.json,
      "rope_base": .number(config.ropeBase),
    ]
    if let rotaryTableDType { rotaryTable["stored"] = .string(rotaryTableDType.rawValue) }
    var members: [String: JSONValue] = [
      "format": .string(PackConstants.format),
      "version": .integer(PackConstants.version),
      "identity": .string(identity.description),
      "tool": ["name": .string(tool.name), "version": .string(tool.version)],
      "model": config.model,
      "source": .object(source),
      "recipe": recipe.json,
      "segments": .array(layout.segments.map(\.json)),
      "tensors": .array(zip(layout.tensors, tensors).map { $0.json($1) }),
      "aliases": config.tiesEmbeddings
        ? [HuginnConfig.headName: .string(HuginnConfig.embeddingName)] : [:],
      "derived": [HuginnConfig.rotaryTableName: .object(rotaryTable)],
      "sidecars": .array(sidecars.map { $0.json(nameKey: "file") }),
    ]
    if let extensions { members["extensions"] = extensions }
    return .object(members)
  }
}

extension Manifest.File {
  fileprivate func json(nameKey: String) -> JSONValue {
    [nameKey: .string(name), "bytes": .integer(byteCount), "sha256": .string(sha256.description)]
  }
}

extension SegmentLayout {
  fileprivate var json: JSONValue {
    ["name": .string(stage.rawValue), "file": .string(fileName), "bytes": .integer(byteCount)]
  }
}

extension TensorLayout {
  fileprivate func json(_ record: Manifest.TensorRecord) -> JSONValue {
    [
      "name": .string(tensor.name),
      "segment": .string(tensor.stage.rawValue),
      "layer": tensor.layer.map { .integer($0) } ?? .null,
      "shape": tensor.shape.json,
      "encoding": encoding.json,
      "planes": .array(
        planes.map { placed in
          [
            "role": .string(placed.plane.role.rawValue),
            "dtype": .string(placed.plane.dtype.rawValue),
            "shape": placed.plane.shape.json,
            "offset": .integer(placed.byteOffset),
            "bytes": .integer(placed.plane.byteCount),
          ]
        }),
      "sha256": .string(record.sha256.description),
      "source_dtype": .string(record.sourceDType.rawValue),
      "error": record.error.map { error in
        [
          "max_abs": .number(error.maxAbs),
          "sum_sq_error": .number(error.sumSquaredError),
          "sum_sq_source": .number(error.sumSquaredSource),
        ]
      } ?? .null,
    ]
  }
}

extension Encoding {
  fileprivate var json: JSONValue {
    switch self {
    case .f32, .bf16, .f16: ["scheme": .string(description)]
    case .int8Row: ["scheme": "int8", "granularity": "row"]
    case .int8Group(let size):
      ["scheme": "int8", "granularity": "group", "group_size": .integer(size)]
    case .int4Group(let size):
      ["scheme": "int4", "granularity": "group", "group_size": .integer(size)]
    }
  }
}

extension Shape {
  /// The dimensions as a JSON array.
  fileprivate var json: JSONValue { .array(dimensions.map { .integer(Int(clamping: $0)) }) }
}
