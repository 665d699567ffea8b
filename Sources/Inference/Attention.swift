import FileAccess
import HuginnModel
import Kernels

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

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
    let scale = 1 / Float(size).squareRoot()
    var result = [Float](repeating: 0, count: queries.count)
    for (token, position) in positions.enumerated() {
      for head in 0..<heads {
        let start = (token * heads + head) * size
        let query = Array(queries[start..<start + size])
        cache.attended(in: slot, from: position, head: head) { keys, values, count in
          var weights = scores(keys, query, count: count, scale: scale)
          softmax(&weights)
          for entry in 0..<count {
            let weight = weights[entry]
            for index in 0..<size { result[start + index] += weight * values[entry * size + index] }
          }
        }
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
    kernels.multiply(matrix, query.span, into: &span)
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
    values[index] = exp(values[index] - largest)
    sum += Double(values[index])
  }
  let total = Float(sum)
  for index in values.indices { values[index] /= total }
}
