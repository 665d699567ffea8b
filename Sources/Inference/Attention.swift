import CMuninnMath
import FileAccess
import HuginnModel
import Kernels
import Parallelism

extension Model {
  /// Causal attention of rows over what the cache has, softmax in binary32.
  ///
  /// - Parameters:
  ///   - queries: `[tokens, n_heads · head_dim]`, rotated.
  ///   - positions: of the tokens, whose own keys are in the cache.
  ///   - cache: what earlier tokens left.
  ///   - slot: where.
  /// - Returns: `[tokens, n_heads · head_dim]`.
  func attend(
    _ queries: [Float], at positions: [Int], _ cache: KeyValueCache, _ slot: KeyValueCache.Slot
  ) -> [Float] {
    let (heads, size) = (config.headCount, config.headSize)
    // Heads do not depend on each other; many entries are worth a thread.
    let entries = positions.reduce(0) { $0 + $1 + 1 }
    let helpers = entries * heads * size > Self.parallelThreshold ? workers : Workers(count: 1)
    let rows = helpers.map(heads) { head in
      attend(queries, head: head, at: positions, cache, slot)
    }
    var result = [Float](repeating: 0, count: queries.count)
    for (head, row) in rows.enumerated() {
      for token in positions.indices {
        let start = (token * heads + head) * size
        result.replaceSubrange(start..<start + size, with: row[token * size..<(token + 1) * size])
      }
    }
    return result
  }

  /// One head of it, `[tokens, head_dim]`.
  private func attend(
    _ queries: [Float], head: Int, at positions: [Int], _ cache: KeyValueCache,
    _ slot: KeyValueCache.Slot
  ) -> [Float] {
    let (heads, size) = (config.headCount, config.headSize)
    let scale = 1 / Float(size).squareRoot()
    var result: [Float] = []
    result.reserveCapacity(positions.count * size)
    for (token, position) in positions.enumerated() {
      let start = (token * heads + head) * size
      result += cache.attended(in: slot, from: position, head: head) { keys, values, count in
        let query = Array(queries[start..<start + size])
        var weights = scores(keys, query, count: count, scale: scale)
        softmax(&weights)
        var sum = [Float](repeating: 0, count: size)
        var span = sum.mutableSpan
        kernels.weightedSum(values.span.extracting(0..<count * size), weights.span, into: &span)
        return sum
      }
    }
    return result
  }

  /// The scaled products of one query with the first keys.
  private func scores(_ keys: [Float], _ query: [Float], count: Int, scale: Float) -> [Float] {
    var scores = [Float](repeating: 0, count: count)
    var span = scores.mutableSpan
    let elements = keys.span.extracting(0..<count * query.count).rawBytes
    let none = keys.span.extracting(0..<0).rawBytes
    let matrix = StoredMatrix(
      .f32, rows: count, columns: query.count, elements: elements, scales: none)
    kernels.multiply(matrix, PreparedVectors(query, for: matrix), into: &span)
    for index in scores.indices { scores[index] *= scale }
    return scores
  }
}

/// Exponentials of `values` over their sum, in place.
func softmax(_ values: inout [Float]) {
  guard let largest = values.max() else { return }
  // In binary32, what is far below the largest of a large vocabulary would not add up.
  var sum = 0.0
  for index in values.indices {
    values[index] = expf(values[index] - largest)
    sum += Double(values[index])
  }
  let total = Float(sum)
  for index in values.indices { values[index] /= total }
}
