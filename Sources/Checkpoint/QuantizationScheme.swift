import HuginnModel
import StrictJSON
import Tensors

/// Whether, and how, a checkpoint stores codes in the place of its matrices' values.
///
/// The tensors decide, not the config: `quantization_config` is often left over where a model was
/// dequantized and saved.
struct QuantizationScheme {
  /// The name of the scheme, as its makers call it.
  let name: String?
  /// Whether matrices are stored as codes.
  let isStored: Bool
  private let isDeclared: Bool

  init(config bytes: [UInt8], tensors: [String: TensorDescription], layout: HuginnConfig?) {
    let declared = Self.declared(bytes)
    let matrices = layout?.tensors.filter { $0.kind == .matrix } ?? []
    let isFloat =
      !matrices.isEmpty
      && matrices.allSatisfy { matrix in
        tensors[matrix.name].map { HuginnConfig.convertedDTypes.contains($0.dtype) } ?? false
      }
    let evident = isFloat ? nil : Self.evident(tensors)
    isDeclared = declared != nil
    isStored = !isFloat && (evident != nil || (isDeclared && !tensors.isEmpty))
    name = declared ?? evident
  }

  /// What the config says.
  private static func declared(_ bytes: [UInt8]) -> String? {
    guard case .object(let members)? = try? JSONValue(parsing: bytes, dialect: .python) else {
      return nil
    }
    if case .object(let scheme)? = members["quantization_config"] {
      if case .string(let method)? = scheme["quant_method"] { return method }
      if scheme["load_in_4bit"] == .boolean(true) || scheme["load_in_8bit"] == .boolean(true) {
        return "bitsandbytes"
      }
      return scheme["bits"] == nil ? "an unnamed scheme" : "MLX"
    }
    if case .object? = members["quantization"] { return "MLX" }
    return nil
  }

  /// What names of the companions of codes, and their dtypes, tell.
  private static func evident(_ tensors: [String: TensorDescription]) -> String? {
    let suffixes = [
      (".qweight", "gptq or awq"), (".SCB", "bitsandbytes"), (".absmax", "bitsandbytes"),
      (".weight_packed", "compressed-tensors"), (".weight_scale_inv", "fp8"),
      (".weight_scale", "compressed-tensors or fp8"), (".scales", "MLX"),
    ]
    for (suffix, scheme) in suffixes where tensors.keys.contains(where: { $0.hasSuffix(suffix) }) {
      return scheme
    }
    let isFP8 = tensors.values.contains {
      $0.dtype.rawValue.hasPrefix("F8_") && $0.name.hasSuffix(".weight")
    }
    return isFP8 ? "fp8" : nil
  }

  /// The finding about it.
  var finding: Diagnostic? {
    guard let name else { return nil }
    if isStored {
      return Diagnostic(
        .checkpointQuantized, subject: isDeclared ? "quantization_config" : "tensors",
        expected: "float weights", found: name,
        hint:
          "convert the float checkpoint that it was made from, or dequantize it with the tool that made it"
      )
    }
    guard isDeclared else { return nil }
    return Diagnostic(
      .quantizationLeftOver, subject: "quantization_config",
      expected: "codes, as \(name) stores them",
      found: "float weights",
      hint:
        "it describes the weights of an earlier save; the weights are read as they are, and exports "
        + "leave it out")
  }
}
