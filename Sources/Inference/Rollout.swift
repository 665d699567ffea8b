import HuginnModel

/// Texts, each alone, all their tokens together, one recurrence at a time.
///
/// Every token attends to the earlier ones of its text at the same recurrence, as with the cache
/// "full": the state after k recurrences does not depend on how many follow, so that one rollout to the
/// deepest number gives all smaller ones on its way. Texts share the reading of the weights.
public struct Rollout: Sendable {
  private var pass: Pass
  /// The recurrences done.
  public private(set) var recurrence = 0

  /// Texts before their first recurrence, from zeros.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - texts: the tokens of each, at least one.
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``.
  public init(_ model: Model, _ texts: [[Int]]) throws(InferenceError) {
    let session = Session(model)
    for text in texts { try session.check(text) }
    let tokens = texts.flatMap(\.self)
    pass = Pass(
      model,
      texts.map {
        PassText(cache: KeyValueCache(model.config, .full), positions: $0.indices)
      }, tokens: tokens,
      from: Array(repeating: 0, count: tokens.count * model.config.embeddingSize))
  }

  /// The latent states, `[tokens, n_embd]`, text after text, before `ln_f`.
  public var states: [Float] { pass.states }

  /// Applies the core once.
  public mutating func recur() {
    pass.recur()
    recurrence += 1
  }

  /// The output for the present states.
  ///
  /// - Parameter rows: the tokens wanted, ascending, text after text; nil for all.
  /// - Returns: `[rows, padded_vocab_size]`.
  /// - Throws: ``InferenceError/notFinite(position:)``.
  public mutating func logits(of rows: [Int]? = nil) throws(InferenceError) -> [Float] {
    try pass.logits(of: rows)
  }
}
