import HuginnModel
import Kernels
import Parallelism

extension Model {
  /// Causal attention of rows over what the caches have, head by head and text by text.
  ///
  /// - Parameters:
  ///   - projected: `[tokens, (query, key, value)]`, rotated.
  ///   - texts: whose tokens these are; their own keys are in the caches.
  ///   - place: where the layer stands.
  /// - Returns: `[tokens, n_heads · head_dim]`.
  func attend(_ projected: [Float], _ texts: [PassText], _ place: PassText.Place) -> [Float] {
    let (heads, size, width) = (config.headCount, config.headSize, config.embeddingSize)
    let entries = texts.reduce(0) { $0 + $1.positions.reduce(0) { $0 + $1 + 1 } }
    // Heads do not depend on each other, nor do texts; many entries are worth a thread.
    let helpers = entries * width > Self.parallelThreshold ? workers : Workers(count: 1)
    let results = helpers.map(texts.count * heads) { task in
      let (index, head) = task.quotientAndRemainder(dividingBy: heads)
      let firstRow = texts[..<index].reduce(0) { $0 + $1.positions.count }
      return attend(projected, row: firstRow, texts[index], place, head: head)
    }
    var output = [Float](repeating: 0, count: projected.count / 3)
    var row = 0
    for (index, text) in texts.enumerated() {
      for head in 0..<heads {
        let result = results[index * heads + head]
        for token in 0..<text.positions.count {
          let start = (row + token) * width + head * size
          output.replaceSubrange(
            start..<start + size, with: result[token * size..<(token + 1) * size])
        }
      }
      row += text.positions.count
    }
    return output
  }

  /// One head of one text, `[tokens, head_dim]`.
  private func attend(
    _ projected: [Float], row: Int, _ text: PassText, _ place: PassText.Place, head: Int
  ) -> [Float] {
    let (size, width) = (config.headSize, config.embeddingSize)
    var output = [Float](repeating: 0, count: text.positions.count * size)
    var span = output.mutableSpan
    let slot = text.slot(place)
    // All tokens at once over what they share, or one by one where each meets entries of its own.
    let views = text.cache.views(in: slot, from: text.positions, head: head)
    for view in views {
      let first = view.positions.lowerBound - text.positions.lowerBound
      let rows = row + first..<row + first + view.positions.count
      var part = span._mutatingExtracting(first * size..<(first + view.positions.count) * size)
      kernels.attend(
        projected.span.extracting(3 * width * rows.lowerBound..<3 * width * rows.upperBound),
        rowWidth: 3 * width, offset: head * size, counts: view.counts.span, view.keys.span,
        view.values.span, size: size, into: &part)
    }
    return output
  }
}

/// Exponentials of `values` over their sum, in place.
func softmax(_ values: inout [Float]) {
  guard let largest = values.max() else { return }
  let shifted = values.map { $0 - largest }
  var span = values.mutableSpan
  // Every level gives the same.
  KernelSet.best.exponentials(shifted.span, into: &span)
  // In binary32, what is far below the largest of a large vocabulary would not add up.
  var sum = 0.0
  for value in values { sum += Double(value) }
  let total = Float(sum)
  for index in values.indices { values[index] /= total }
}
