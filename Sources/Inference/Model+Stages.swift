import HuginnModel
import Kernels
import Tensors

/// The parts that a ``Pass`` is made of. Activations are `[tokens, width]`.
extension Model {
  /// wte[token] · √n_embd.
  func embed(_ tokens: [Int]) -> [Float] {
    let (scale, width) = (Float(config.embeddingScale), config.embeddingSize)
    return weights.withMatrix(HuginnConfig.embeddingName) { matrix in
      var values = [Float](repeating: 0, count: tokens.count * width)
      for (index, token) in tokens.enumerated() {
        var span = values.mutableSpan
        var row = span._mutatingExtracting(index * width..<(index + 1) * width)
        kernels.decode(matrix.extracting(rows: token..<token + 1), into: &row)
      }
      for index in values.indices { values[index] *= scale }
      return values
    }
  }

  /// adapter · concat(x, e).
  func adapted(_ states: [Float], _ injected: [Float]) -> [Float] {
    let width = config.embeddingSize
    var both: [Float] = []
    both.reserveCapacity(2 * states.count)
    for start in stride(from: 0, to: states.count, by: width) {
      both += states[start..<start + width]
      both += injected[start..<start + width]
    }
    var x = multiply("transformer.adapter.weight", both)
    if !adapterBias.isEmpty { addRow(adapterBias, to: &x, width: width, at: 0) }
    return x
  }

  /// ln_f of a latent state: where the coda begins.
  func normalizedLatent(_ state: [Float]) -> [Float] { normalized(state, finalNorm) }

  /// The logits of the coda's output: ln_f, head.
  func head(_ x: [Float]) -> [Float] { multiply(headName, normalized(x, finalNorm)) }

  /// h = x + attn(norm_1(x)); x = norm_2(h); h = x + mlp(norm_3(x)); x = norm_4(h).
  ///
  /// - Parameters:
  ///   - layer: its weights.
  ///   - input: x, `[tokens, n_embd]`.
  ///   - angles: of each token's position, `[tokens, head_dim]`.
  ///   - texts: whose tokens these are; their caches take keys and values.
  ///   - place: where the layer stands.
  /// - Returns: of the shape of the input.
  func apply(
    _ layer: Layer, _ input: [Float], _ angles: [Float], _ texts: inout [PassText],
    _ place: PassText.Place
  ) -> [Float] {
    let width = config.embeddingSize
    var projected = multiply(
      layer.prefix + "attn.Wqkv.weight", normalized(input, layer.norms[0]))
    if !layer.queryBias.isEmpty {
      addRow(layer.queryBias, to: &projected, width: 3 * width, at: 0)
      addRow(layer.keyBias, to: &projected, width: 3 * width, at: width)
    }
    rotate(&projected, angles)
    var row = 0
    for index in texts.indices {
      let (slot, positions) = (texts[index].slot(place), texts[index].positions)
      texts[index].cache.store(projected, row: row, at: positions, in: slot)
      row += positions.count
    }
    var h = multiply(layer.prefix + "attn.proj.weight", attend(projected, texts, place))
    add(input, to: &h)
    let x = normalized(h, layer.norms[1])
    let inner = gated(multiply(layer.prefix + "mlp.fc.weight", normalized(x, layer.norms[2])))
    h = multiply(layer.prefix + "mlp.proj.weight", inner)
    add(x, to: &h)
    return normalized(h, layer.norms[3])
  }
}
