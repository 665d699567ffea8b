import HuginnModel
import Kernels
import Parallelism
import Tensors

/// The arithmetic of a layer, in binary32.
extension Model {
  /// Work below this many products is not worth a thread.
  static let parallelThreshold = 1 << 20

  /// A stored matrix times vectors.
  ///
  /// - Parameters:
  ///   - name: of a matrix `[out, in]`.
  ///   - x: `[tokens, in]`.
  /// - Returns: `[tokens, out]`.
  func multiply(_ name: String, _ x: [Float]) -> [Float] {
    weights.withMatrix(name) { matrix in
      let vectors = kernels.prepare(x.span, for: matrix)
      var y = [Float](repeating: 0, count: vectors.count * matrix.rows)
      var span = y.mutableSpan
      guard matrix.rows * matrix.columns * vectors.count > Self.parallelThreshold, workers.count > 1
      else {
        kernels.multiply(matrix, vectors, into: &span)
        return y
      }
      // A few parts for each thread, so that none waits long for the last.
      kernels.multiply(matrix, vectors, into: &span, inParts: 4 * workers.count) { count, body in
        workers.run(count, body)
      }
      return y
    }
  }

  /// x · rsqrt(mean(x²) + ε) · weight, for each row of `[tokens, n_embd]`.
  func normalized(_ x: [Float], _ weight: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: x.count)
    var span = result.mutableSpan
    kernels.normalize(x.span, weight.span, epsilon: Float(config.normEpsilon), into: &span)
    return result
  }

  /// silu(gate) · up, where each row is `[gate, up]`.
  func gated(_ x: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: x.count / 2)
    var span = result.mutableSpan
    kernels.gate(x.span, columns: config.intermediateSize, into: &span)
    return result
  }

  /// Rotates queries and keys of rows `[query, key, value]`, in place.
  func rotate(_ rows: inout [Float], _ angles: [Float]) {
    let (width, size) = (config.embeddingSize, config.headSize)
    var span = rows.mutableSpan
    for token in 0..<angles.count / size {
      var both = span._mutatingExtracting(3 * token * width..<(3 * token + 2) * width)
      kernels.rotate(&both, angles.span.extracting(token * size..<(token + 1) * size))
    }
  }

  /// Adds values to a part of each row of `[tokens, width]`.
  func addRow(_ values: [Float], to rows: inout [Float], width: Int, at offset: Int) {
    var span = rows.mutableSpan
    for start in stride(from: offset, to: span.count, by: width) {
      var part = span._mutatingExtracting(start..<start + values.count)
      kernels.add(values.span, to: &part)
    }
  }

  /// Adds element by element.
  func add(_ values: [Float], to target: inout [Float]) {
    var span = target.mutableSpan
    kernels.add(values.span, to: &span)
  }
}
