import FileAccess
import HuginnModel
import Kernels
import Tensors

/// The forward pass of the reference code (`raven_modeling_minimal.py`) over the tokens of one or
/// several texts, one recurrence at a time.
///
/// Tokens are rows of `[tokens, width]`, text after text: they share every product, and meet only
/// those of their own text, in its attention. What a token gets does not depend on the tokens or
/// texts beside it, to the bit.
struct Pass: Sendable {
  /// Which tokens' logits are wanted.
  enum Rows {
    case all
    /// The last token of each text.
    case last
  }

  private let model: Model
  /// The prelude's output e, `[tokens, n_embd]`.
  let injected: [Float]
  /// Cosines and sines of each token's position.
  private let angles: [Float]
  private(set) var texts: [PassText]
  /// The latent states, `[tokens, n_embd]`, before `ln_f`.
  private(set) var states: [Float]

  /// Takes texts through the prelude.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - texts: whose caches hold the tokens before.
  ///   - tokens: of all texts.
  ///   - states: the initial latent states, `[tokens, n_embd]`.
  init(_ model: Model, _ texts: [PassText], tokens: [Int], from states: [Float]) {
    precondition(texts.reduce(0) { $0 + $1.positions.count } == tokens.count, "whole texts")
    precondition(states.count == tokens.count * model.config.embeddingSize, "a state for each")
    self.model = model
    self.states = states
    angles = texts.flatMap { $0.positions.flatMap { model.rotaryTable.row(at: $0) } }
    var (texts, x) = (texts, model.embed(tokens))
    for (index, layer) in model.prelude.enumerated() {
      x = model.apply(layer, x, angles, &texts, .prelude(index))
    }
    self.texts = texts
    injected = x
  }

  /// One recurrence: adapter · concat(x, e), then the core's layers.
  mutating func recur() {
    var x = model.adapted(states, injected)
    for (index, layer) in model.core.enumerated() {
      x = model.apply(layer, x, angles, &texts, .core(index))
    }
    states = x
    for index in texts.indices { texts[index].recurrence += 1 }
  }

  /// The logits of the present states: ln_f, coda, ln_f, head.
  ///
  /// - Parameter rows: which tokens are looked at.
  /// - Returns: `[rows, padded_vocab_size]`.
  /// - Throws: ``InferenceError/notFinite(position:)``.
  mutating func logits(_ rows: Rows = .all) throws(InferenceError) -> [Float] {
    var x = model.normalizedLatent(states)
    for (index, layer) in model.coda.enumerated() {
      x = model.apply(layer, x, angles, &texts, .coda(index))
    }
    if case .last = rows { x = lastRows(x) }
    let logits = model.head(x)
    // A NaN spreads to all logits; an infinity shows in the largest.
    guard model.kernels.largestMagnitude(logits.span.rawBytes, of: .f32).isFinite else {
      throw .notFinite(position: texts.first?.positions.lowerBound ?? 0)
    }
    return logits
  }

  private func lastRows(_ x: [Float]) -> [Float] {
    let width = model.config.embeddingSize
    var (rows, end): ([Float], Int) = ([], 0)
    for text in texts {
      end += text.positions.count
      rows += x[(end - 1) * width..<end * width]
    }
    return rows
  }
}
