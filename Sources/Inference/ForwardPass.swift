import FileAccess
import HuginnModel
import Kernels
import Tensors

/// The forward pass of the reference code (`raven_modeling_minimal.py`), stage by stage.
///
/// Activations are `[tokens, width]`; the tokens of one call follow each other.
extension Model {
  /// wte[token] · √n_embd.
  func embed(_ tokens: [Int]) -> [Float] {
    let scale = Float(config.embeddingScale)
    return weights.withMatrix(HuginnConfig.embeddingName) { matrix in
      tokens.flatMap { token in
        decodedRow(token, of: matrix).map { $0 * scale }
      }
    }
  }

  /// One row of a stored matrix, decoded.
  private func decodedRow(_ row: Int, of matrix: StoredMatrix) -> [Float] {
    let row = matrix.extracting(rows: row..<row + 1)
    var values = [Float](repeating: 0, count: row.columns)
    var span = values.mutableSpan
    kernels.decode(row, into: &span)
    return values
  }

  /// The prelude's output e, from embeddings.
  func prelude(
    _ embedded: [Float], at positions: [Int], _ cache: inout KeyValueCache
  ) -> [Float] {
    var x = embedded
    for (index, layer) in prelude.enumerated() {
      x = apply(layer, x, at: positions, &cache, .prelude(index))
    }
    return x
  }

  /// One recurrence: adapter · concat(x, e), then the core's layers.
  ///
  /// - Parameters:
  ///   - state: x, `[tokens, n_embd]`.
  ///   - injected: e, the prelude's output.
  ///   - recurrence: from 0.
  ///   - positions: of the tokens.
  ///   - cache: takes their keys and values.
  /// - Returns: the next state.
  func recur(
    _ state: [Float], _ injected: [Float], recurrence: Int, at positions: [Int],
    _ cache: inout KeyValueCache
  ) -> [Float] {
    let width = config.embeddingSize
    var both: [Float] = []
    both.reserveCapacity(2 * state.count)
    for token in positions.indices {
      both += state[token * width..<(token + 1) * width]
      both += injected[token * width..<(token + 1) * width]
    }
    var x = multiply("transformer.adapter.weight", both)
    if !adapterBias.isEmpty {
      for token in positions.indices {
        for index in 0..<width { x[token * width + index] += adapterBias[index] }
      }
    }
    for (index, layer) in core.enumerated() {
      let slot = cache.coreSlot(recurrence: recurrence, layer: index)
      x = apply(layer, x, at: positions, &cache, slot)
    }
    return x
  }

  /// ln_f of a latent state: where the coda begins.
  func normalizedLatent(_ state: [Float]) -> [Float] { normalized(state, finalNorm) }

  /// The logits of a latent state: ln_f, coda, ln_f, head.
  ///
  /// - Parameters:
  ///   - state: `[tokens, n_embd]`, before `ln_f`.
  ///   - positions: of the tokens.
  ///   - cache: takes the coda's keys and values.
  ///   - isLastOnly: whether the head is applied to the last token only.
  /// - Returns: `[tokens, padded_vocab_size]`, or `[padded_vocab_size]` of the last one.
  /// - Throws: ``InferenceError/notFinite(position:)``.
  func decode(
    _ state: [Float], at positions: [Int], _ cache: inout KeyValueCache, isLastOnly: Bool = false
  ) throws(InferenceError) -> [Float] {
    var x = normalizedLatent(state)
    for (index, layer) in coda.enumerated() {
      x = apply(layer, x, at: positions, &cache, .coda(index))
    }
    if isLastOnly { x = Array(x.suffix(config.embeddingSize)) }
    let logits = multiply(headName, normalized(x, finalNorm))
    // A NaN spreads to all logits; an infinity shows in the largest.
    guard kernels.largestMagnitude(logits.span.rawBytes, of: .f32).isFinite else {
      throw .notFinite(position: positions.first ?? 0)
    }
    return logits
  }

  /// h = x + attn(norm_1(x)); x = norm_2(h); h = x + mlp(norm_3(x)); x = norm_4(h).
  private func apply(
    _ layer: Layer, _ input: [Float], at positions: [Int], _ cache: inout KeyValueCache,
    _ slot: KeyValueCache.Slot
  ) -> [Float] {
    let width = config.embeddingSize
    let projected = multiply(layer.prefix + "attn.Wqkv.weight", normalized(input, layer.norms[0]))
    var queries: [Float] = []
    queries.reserveCapacity(input.count)
    for (token, position) in positions.enumerated() {
      let start = token * 3 * width
      let angles = rotaryTable.row(at: position)
      var query = Array(projected[start..<start + width])
      var key = Array(projected[start + width..<start + 2 * width])
      if !layer.queryBias.isEmpty {
        add(layer.queryBias, to: &query)
        add(layer.keyBias, to: &key)
      }
      rotate(&query, angles)
      rotate(&key, angles)
      queries += query
      cache.store(
        key[...], projected[start + 2 * width..<start + 3 * width], at: position, in: slot)
    }
    var h = multiply(layer.prefix + "attn.proj.weight", attend(queries, at: positions, cache, slot))
    add(input, to: &h)
    let x = normalized(h, layer.norms[1])
    let inner = gated(multiply(layer.prefix + "mlp.fc.weight", normalized(x, layer.norms[2])))
    h = multiply(layer.prefix + "mlp.proj.weight", inner)
    add(x, to: &h)
    return normalized(h, layer.norms[3])
  }
}
