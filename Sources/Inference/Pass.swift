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
  let model: Model
  /// The prelude's output e, `[tokens, n_embd]`.
  private(set) var injected: [Float]
  /// Cosines and sines of each token's position, `[tokens, head_dim]`.
  private var angles: [Float]
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
  /// - Parameter rows: the tokens wanted, ascending; nil for all.
  /// - Returns: `[rows, padded_vocab_size]`.
  /// - Throws: ``InferenceError/notFinite(position:)``.
  mutating func logits(of rows: [Int]? = nil) throws(InferenceError) -> [Float] {
    var x = model.normalizedLatent(states)
    for (index, layer) in model.coda.enumerated() {
      x = model.apply(layer, x, angles, &texts, .coda(index))
    }
    if let rows { x = rows.flatMap { x[row($0, width: model.config.embeddingSize)] } }
    let logits = model.head(x)
    // A NaN spreads to all logits; an infinity shows in the largest.
    guard model.kernels.largestMagnitude(logits.span.rawBytes, of: .f32).isFinite else {
      throw .notFinite(position: texts.first?.positions.lowerBound ?? 0)
    }
    return logits
  }

  /// Takes some texts of one token each out, as a pass of their own.
  ///
  /// - Parameter places: which of ``texts``, ascending.
  /// - Returns: the pass of those; this one keeps the rest.
  mutating func split(off places: [Int]) -> Pass {
    precondition(texts.count * model.config.embeddingSize == states.count, "a token each")
    let rest = texts.indices.filter { !places.contains($0) }
    var other = self
    other.keep(places)
    keep(rest)
    return other
  }

  private mutating func keep(_ places: [Int]) {
    let (width, size) = (model.config.embeddingSize, model.config.headSize)
    texts = places.map { texts[$0] }
    states = places.flatMap { states[row($0, width: width)] }
    injected = places.flatMap { injected[row($0, width: width)] }
    angles = places.flatMap { angles[row($0, width: size)] }
  }

  private func row(_ index: Int, width: Int) -> Range<Int> { index * width..<(index + 1) * width }
}
