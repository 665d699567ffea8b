/// The typed part of a Huginn `config.json`: what decides the layout and the forward pass.
///
/// A value that exists is consistent: sizes are positive and bounded by ``ModelLimits``, the heads fill
/// the width, and the layout it describes is one that the reference code runs.
public struct HuginnConfig: Equatable, Sendable {
  /// The name that it has in a checkpoint, and in a pack that is made from one.
  public static let fileName = "config.json"

  /// `n_embd`, the width of the latent state.
  public var embeddingSize: Int
  /// `n_heads`.
  public var headCount: Int
  /// `num_key_value_heads`, equal to ``headCount``.
  public var keyValueHeadCount: Int
  /// `head_dim`, even.
  public var headSize: Int
  /// `intermediate_size`, the width inside the gated MLP.
  public var intermediateSize: Int
  /// `vocab_size`.
  public var vocabularySize: Int
  /// `padded_vocab_size`, the rows of the embedding.
  public var paddedVocabularySize: Int
  /// `block_size`, the longest context in tokens.
  public var contextLength: Int
  /// `rope_base`.
  public var ropeBase: Double
  /// `norm_eps`.
  public var normEpsilon: Double
  /// `qk_bias`: whether queries and keys have biases.
  public var hasQKBias: Bool
  /// `bias`: whether the adapter has one.
  public var hasBias: Bool
  /// `tie_embeddings`: whether the embedding is the head.
  public var tiesEmbeddings: Bool
  /// `n_layers_in_prelude`.
  public var preludeLayerCount: Int
  /// `n_layers_in_recurrent_block`.
  public var coreLayerCount: Int
  /// `n_layers_in_coda`.
  public var codaLayerCount: Int
  /// `mean_recurrence`, the recurrences that the model was trained around.
  public var meanRecurrence: Int

  /// √n_embd, by which embeddings are scaled (`emb_scale` of the reference).
  public var embeddingScale: Double { Double(embeddingSize).squareRoot() }

  /// √(2 / (5 · n_embd)), the standard deviation of a random initial latent state.
  public var stateStandardDeviation: Double { (2 / (5 * Double(embeddingSize))).squareRoot() }

  /// The layers of a stage.
  public func layerCount(of stage: Stage) -> Int {
    switch stage {
    case .embedding: 0
    case .prelude: preludeLayerCount
    case .core: coreLayerCount
    case .coda: codaLayerCount
    }
  }
}
