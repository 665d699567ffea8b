import HuginnModel
import PackFormat
import Quantization
import StrictJSON
import Tensors

/// How engines of the compressed-tensors family compute with codes.
public enum CompressedTensorsScheme: String, CaseIterable, Sendable {
  /// `int-quantized`: a scale for each output channel, activations quantized for each token.
  case w8a8
  /// `pack-quantized`: weights only, a scale for each channel or group of 32; four codes in each
  /// 32-bit word, 128 added, the first column in the low bits.
  case w8a16
  /// The same with 4-bit codes under a scale for each group, eight of them in each word with 8 added;
  /// 8-bit ones may be beside them.
  case w4a16

  /// The encodings that it can express.
  func expresses(_ encoding: Encoding) -> Bool {
    switch (self, encoding) {
    case (.w8a8, .int8Row), (.w8a16, .int8Row), (.w8a16, .int8), (.w4a16, .int4Group),
      (.w4a16, .int8Row), (.w4a16, .int8):
      true
    default: false
    }
  }

  /// Encodings to choose for it.
  var suited: [Encoding] {
    switch self {
    case .w8a8: [.int8Row]
    case .w8a16: [.int8Row, .int8]
    case .w4a16: [.int4, .int8Row, .int8]
    }
  }

  /// The tensors that a matrix of codes becomes, named after its module.
  func tensors(of layout: TensorLayout) throws(ExportError) -> [ExportTensor] {
    let module = layout.tensor.moduleName
    let (rows, columns) = (layout.tensor.shape.rows, layout.tensor.shape.columns)
    func tensor(
      _ member: String, _ shape: Shape, _ content: ExportTensor.Content
    ) -> ExportTensor {
      ExportTensor(name: "\(module).\(member)", shape: shape, content: content)
    }
    let groups = layout.planes[1].plane.shape.elementCount / max(1, rows)
    let scales = tensor("weight_scale", Shape(rows, groups), .scales(layout))
    switch self {
    case .w8a8:
      return [
        tensor("weight", layout.tensor.shape, .codes(layout)), scales,
      ]
    case .w8a16, .w4a16:
      let codesInWord = 32 / (layout.encoding.bitsPerCode ?? 8)
      guard columns.isMultiple(of: codesInWord) else {
        throw .encoding(
          tensor: layout.tensor.name, layout.encoding, scheme: rawValue, convertTo: "bf16")
      }
      let words = Shape(rows, columns / codesInWord)
      return [
        tensor("weight_packed", words, .words(layout)), scales,
        tensor("weight_shape", Shape(2), .shape(rows: rows, columns: columns)),
      ]
    }
  }

  /// The `quantization_config` of a checkpoint.
  ///
  /// - Parameters:
  ///   - modules: those that hold codes, by their encoding.
  ///   - ignored: the linear modules that hold values, by their exact names.
  /// - Returns: the member's value.
  func config(modules: [Encoding: [String]], ignored: [String]) -> JSONValue {
    let used = modules.keys.sorted {
      ($0.groupSize ?? 0, $0.description) < ($1.groupSize ?? 0, $1.description)
    }
    var groups: [String: JSONValue] = [:]
    for (index, encoding) in used.enumerated() {
      // With one group every linear module that is not ignored is of it.
      let targets =
        used.count == 1 ? ["Linear"] : (modules[encoding] ?? []).map { JSONValue.string($0) }
      var group: [String: JSONValue] = [
        "targets": .array(targets), "weights": weights(encoding),
        "input_activations": activations, "output_activations": .null,
      ]
      if used.count > 1 { group["format"] = .string(format) }
      groups["group_\(index)"] = .object(group)
    }
    return [
      "quant_method": "compressed-tensors", "quantization_status": "compressed",
      "format": .string(used.count > 1 ? "mixed-precision" : format),
      "ignore": .array(ignored.map { .string($0) }), "config_groups": .object(groups),
    ]
  }

  private var format: String { self == .w8a8 ? "int-quantized" : "pack-quantized" }

  private func weights(_ encoding: Encoding) -> JSONValue {
    var members: [String: JSONValue] = [
      "num_bits": .integer(encoding.bitsPerCode ?? 8), "type": "int", "symmetric": true,
      "dynamic": false, "strategy": "channel",
    ]
    if let size = encoding.groupSize {
      members["strategy"] = "group"
      members["group_size"] = .integer(size)
    }
    return .object(members)
  }

  private var activations: JSONValue {
    guard self == .w8a8 else { return .null }
    return ["num_bits": 8, "type": "int", "symmetric": true, "dynamic": true, "strategy": "token"]
  }
}

extension ModelTensor {
  /// Whether it is the weight of a linear module: neither a vector, nor the embedding or head.
  var isLinear: Bool {
    kind == .matrix && name != HuginnConfig.embeddingName && name != HuginnConfig.headName
  }
}
