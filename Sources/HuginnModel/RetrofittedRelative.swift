import StrictJSON

/// A model that was made recurrent after the fact: it shares `model_type` and the naming family with
/// Huginn and not the layout.
public enum RetrofittedRelative {
  /// Tells such a model by its config and its tensors.
  ///
  /// - Parameters:
  ///   - config: the bytes of `config.json`.
  ///   - names: of all tensors.
  /// - Returns: the finding, saying in what it differs; nil for Huginn's own layout.
  public static func diagnostic(config: [UInt8], names: Set<String>) -> Diagnostic? {
    guard case .object(let members)? = try? JSONValue(parsing: config, dialect: .python) else {
      return nil
    }
    func count(_ keys: String...) -> Int? {
      for key in keys {
        if case .integer(let count)? = members[key] { return count }
      }
      return nil
    }
    func hasTensor(ending suffix: String) -> Bool { names.contains { $0.hasSuffix(suffix) } }

    var differences: [String] = []
    let heads = count("n_heads", "num_attention_heads")
    let groups = count("num_key_value_heads")
    if let heads, let groups, groups != heads {
      differences.append("grouped-query heads \(heads)/\(groups)")
    }
    let hasLayers = hasTensor(ending: ".norm_1.weight") || hasTensor(ending: ".mlp.fc.weight")
    if hasLayers, !hasTensor(ending: ".norm_3.weight"), !hasTensor(ending: ".norm_4.weight") {
      differences.append("2 norms a layer, expected 4")
    }
    if hasTensor(ending: ".q_norm.weight") || hasTensor(ending: ".k_norm.weight") {
      differences.append("norms of queries and keys")
    }
    // None of these alone makes a relative; they complete the picture of one.
    guard !differences.isEmpty else { return nil }
    if !hasTensor(ending: ".qk_bias") { differences.append("no qk_bias") }
    let tying = members["tie_embeddings"] ?? members["tie_word_embeddings"]
    if names.contains(HuginnConfig.headName), tying == .boolean(false) {
      differences.append("an untied head")
    }
    if !names.contains(HuginnConfig.rotaryTableName) { differences.append("no freqs_cis") }
    return Diagnostic(
      .retrofittedRelative, subject: HuginnConfig.fileName, expected: "the layout of Huginn-0125",
      found: differences.joined(separator: "; "),
      hint:
        "this is a model of another family, made recurrent after training; muninn cannot convert it"
    )
  }
}
