public import GGUF
public import HuginnModel
import StrictJSON
import Tensors

/// The model's sizes as GGUF's metadata has them, under the architecture's name.
extension HuginnConfig {
  /// The architecture's name.
  public static let ggufArchitecture = "huginn"
  /// The key of the architecture.
  static let ggufArchitectureKey = "general.architecture"

  /// The keys of the config that decide the layout and the forward pass.
  private static let ggufKeys: [(key: String, config: String)] = [
    ("context_length", "block_size"),
    ("embedding_length", "n_embd"),
    ("feed_forward_length", "intermediate_size"),
    ("vocab_size", "vocab_size"),
    ("padded_vocab_size", "padded_vocab_size"),
    ("tie_embeddings", "tie_embeddings"),
    ("attention.head_count", "n_heads"),
    ("attention.head_count_kv", "num_key_value_heads"),
    ("attention.key_length", "head_dim"),
    ("attention.layer_norm_rms_epsilon", "norm_eps"),
    ("attention.qk_bias", "qk_bias"),
    ("rope.freq_base", "rope_base"),
    ("prelude.block_count", "n_layers_in_prelude"),
    ("core.block_count", "n_layers_in_recurrent_block"),
    ("core.adapter_bias", "bias"),
    ("core.mean_recurrence", "mean_recurrence"),
    ("coda.block_count", "n_layers_in_coda"),
  ]

  /// The metadata that describes the model, for engines that run it.
  public var ggufMetadata: [(key: String, value: GGUFValue)] {
    guard case .object(let model) = model else { return [] }
    let typed = Self.ggufKeys.compactMap { key, config -> (String, GGUFValue)? in
      switch model[config] {
      case .integer(let value): (key, .uint32(UInt32(clamping: value)))
      case .number(let value): (key, .float32(Float(value)))
      case .boolean(let value): (key, .boolean(value))
      default: nil
      }
    }
    // What follows from the others, and engines ask for by these names.
    let derived: [(String, GGUFValue)] = [
      (
        "block_count",
        .uint32(UInt32(clamping: preludeLayerCount + coreLayerCount + codaLayerCount))
      ),
      ("attention.value_length", .uint32(UInt32(clamping: headSize))),
      ("rope.dimension_count", .uint32(UInt32(clamping: headSize))),
      ("embedding_scale", .float32(Float(embeddingScale))),
      ("core.state_std", .float32(Float(stateStandardDeviation))),
    ]
    return (typed + derived).map { ("\(Self.ggufArchitecture).\($0)", $1) }
  }

  /// Reads the sizes from metadata.
  ///
  /// - Returns: the config, or nil if the diagnostics have an error.
  static func parse(
    gguf metadata: [String: GGUFValue]
  ) -> (config: HuginnConfig?, diagnostics: [Diagnostic]) {
    guard metadata[ggufArchitectureKey] == .string(ggufArchitecture) else {
      let diagnostic = Diagnostic(
        .configUnsupported, subject: ggufArchitectureKey, expected: ggufArchitecture.quoted,
        found: metadata[ggufArchitectureKey]?.text ?? "nothing",
        hint: "this file holds another model")
      return (nil, [diagnostic])
    }
    var members: [String: JSONValue] = [:]
    for (key, config) in ggufKeys {
      members[config] = metadata["\(ggufArchitecture).\(key)"]?.json
    }
    return parse(JSONValue.object(members).canonicalBytes)
  }
}

extension GGUFValue {
  /// A number, boolean or string in JSON; nil of what JSON cannot say.
  fileprivate var json: JSONValue? {
    switch self {
    case .uint8(let value): .integer(Int(value))
    case .int8(let value): .integer(Int(value))
    case .uint16(let value): .integer(Int(value))
    case .int16(let value): .integer(Int(value))
    case .uint32(let value): .integer(Int(value))
    case .int32(let value): .integer(Int(value))
    case .uint64(let value): Int(exactly: value).map { .integer($0) }
    case .int64(let value): Int(exactly: value).map { .integer($0) }
    // The shortest decimal number that rounds to the value: 1e-6, not what binary32 has of it.
    case .float32(let value): value.isFinite ? Double("\(value)").map { .number($0) } : nil
    case .float64(let value): value.isFinite ? .number(value) : nil
    case .boolean(let value): .boolean(value)
    case .string(let value): .string(value)
    case .array: nil
    }
  }
}
