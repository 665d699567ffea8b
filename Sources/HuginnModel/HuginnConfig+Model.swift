public import StrictJSON
import Tensors

extension HuginnConfig {
  /// The `model` member of a manifest: every typed key, and two numbers that follow from them.
  public var model: JSONValue {
    [
      "n_embd": .integer(embeddingSize),
      "n_heads": .integer(headCount),
      "num_key_value_heads": .integer(keyValueHeadCount),
      "head_dim": .integer(headSize),
      "intermediate_size": .integer(intermediateSize),
      "vocab_size": .integer(vocabularySize),
      "padded_vocab_size": .integer(paddedVocabularySize),
      "block_size": .integer(contextLength),
      "rope_base": .number(ropeBase),
      "norm_eps": .number(normEpsilon),
      "qk_bias": .boolean(hasQKBias),
      "bias": .boolean(hasBias),
      "tie_embeddings": .boolean(tiesEmbeddings),
      "n_layers_in_prelude": .integer(preludeLayerCount),
      "n_layers_in_recurrent_block": .integer(coreLayerCount),
      "n_layers_in_coda": .integer(codaLayerCount),
      "mean_recurrence": .integer(meanRecurrence),
      "embedding_scale": .number(embeddingScale),
      "state_std": .number(stateStandardDeviation),
    ]
  }

  /// Reads the `model` member of a manifest, which has every typed key and no other.
  ///
  /// - Throws: ``ModelMemberError``.
  public init(model value: JSONValue) throws(ModelMemberError) {
    let document = try ModelMemberError.reading(JSONObject(value, path: "model"))
    let (config, diagnostics) = Self.parse(document)
    guard let config else {
      throw .inconsistent(diagnostics.first { $0.severity == .error })
    }
    // Written again it must be the same, so nothing is missing, unknown or derived otherwise.
    guard config.model.canonicalBytes == value.canonicalBytes else { throw .notNormalised }
    self = config
  }
}
