import FileAccess
import Kernels
import Tensors

/// A text alone, all its tokens together, one recurrence at a time.
///
/// Every token attends to the earlier ones at the same recurrence, as with the cache "full": the
/// state after k recurrences does not depend on how many follow, so that one rollout to the
/// deepest number gives all smaller ones on its way.
public struct Rollout: Sendable {
  private let model: Model
  private let positions: [Int]
  private let injected: [Float]
  private var cache: KeyValueCache
  /// The latent states, `[tokens, n_embd]`, before `ln_f`.
  public private(set) var states: [Float]
  /// The recurrences done.
  public private(set) var recurrence = 0

  /// A text before its first recurrence, from zeros or from given states `[tokens, n_embd]`.
  ///
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``.
  public init(
    _ model: Model, _ tokens: [Int], from states: [Float]? = nil
  ) throws(InferenceError) {
    try Session(model).check(tokens)
    self.model = model
    positions = Array(tokens.indices)
    cache = KeyValueCache(model.config, .full)
    injected = model.prelude(model.embed(tokens), at: positions, &cache)
    self.states = states ?? Array(repeating: 0, count: injected.count)
    precondition(self.states.count == injected.count, "a state for each token")
  }

  /// Applies the core once.
  public mutating func recur() {
    states = model.recur(states, injected, recurrence: recurrence, at: positions, &cache)
    recurrence += 1
  }

  /// The output for the present states: `[tokens, padded_vocab_size]`.
  ///
  /// - Throws: ``InferenceError/notFinite(position:)``.
  public mutating func logits() throws(InferenceError) -> [Float] {
    try model.decode(states, at: positions, &cache)
  }
}
