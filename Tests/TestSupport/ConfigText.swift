/// The text of a `config.json`, to be edited member by member.
public struct ConfigText: Sendable {
  /// The JSON text of each member.
  public var members: [String: String]

  /// A config of these members.
  public init(_ members: [String: String]) {
    self.members = members
  }

  /// The keys without defaults, for a model of a few kilobytes in which every size is another.
  public static let smallest = ConfigText([
    "n_embd": "12", "n_heads": "3", "intermediate_size": "20", "vocab_size": "16",
    "block_size": "6", "n_layers_in_prelude": "1", "n_layers_in_recurrent_block": "2",
    "n_layers_in_coda": "1",
  ])

  /// The sizes of the released model.
  public static let release = ConfigText([
    "n_embd": "5280", "n_heads": "55", "num_key_value_heads": "55", "head_dim": "96",
    "intermediate_size": "17920", "vocab_size": "65536", "padded_vocab_size": "65536",
    "block_size": "4096", "rope_base": "50000", "norm_eps": "1e-06", "qk_bias": "true",
    "bias": "false", "tie_embeddings": "true", "n_layers": "8", "n_layers_in_prelude": "2",
    "n_layers_in_recurrent_block": "4", "n_layers_in_coda": "2", "mean_recurrence": "32",
    "block_class_name": "\"SandwichBlock\"", "injection_type": "\"linear\"",
    "mlp_class_name": "\"GatedMLP\"", "nonlin_name": "\"SiLU\"",
    "norm_class_name": "\"RMSNorm_llama\"",
  ])

  /// The config with a member of this JSON text.
  public func setting(_ key: String, _ json: String) -> ConfigText {
    var copy = self
    copy.members[key] = json
    return copy
  }

  /// The config without a member.
  public func removing(_ key: String) -> ConfigText {
    var copy = self
    copy.members[key] = nil
    return copy
  }

  /// The config with a member under another name.
  public func renaming(_ key: String, to other: String) -> ConfigText {
    var copy = self
    copy.members[other] = copy.members.removeValue(forKey: key)
    return copy
  }

  /// The file, keys sorted.
  public var bytes: [UInt8] {
    let lines = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    return Array("{\(lines.joined(separator: ", "))}".utf8)
  }
}
