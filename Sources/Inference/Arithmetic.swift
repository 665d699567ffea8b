import CMuninnMath
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
      let vectors = PreparedVectors(x, for: matrix)
      let product = product(of: matrix, vectors)
      return vectors.count == 1 ? product : Self.transposed(product, rows: matrix.rows)
    }
  }

  /// `[rows, tokens]`, by all threads where there is enough to do.
  private func product(of matrix: StoredMatrix, _ x: PreparedVectors) -> [Float] {
    let count = matrix.rows * matrix.columns * x.count
    guard count > Self.parallelThreshold, workers.count > 1 else {
      var y = [Float](repeating: 0, count: matrix.rows * x.count)
      var span = y.mutableSpan
      kernels.multiply(matrix, x, into: &span)
      return y
    }
    // A few parts for each thread, so that none waits long for the last.
    let rowsInPart = max(1, matrix.rows / (4 * workers.count))
    let parts = stride(from: 0, to: matrix.rows, by: rowsInPart).map { row in
      row..<min(row + rowsInPart, matrix.rows)
    }
    return workers.map(parts.count) { index in
      let part = matrix.extracting(rows: parts[index])
      var y = [Float](repeating: 0, count: part.rows * x.count)
      var span = y.mutableSpan
      kernels.multiply(part, x, into: &span)
      return y
    }.flatMap(\.self)
  }

  private static func transposed(_ values: [Float], rows: Int) -> [Float] {
    let columns = rows == 0 ? 0 : values.count / rows
    var result = [Float](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return result
  }

  /// x · rsqrt(mean(x²) + ε) · weight, for each row of `[tokens, n_embd]`.
  func normalized(_ x: [Float], _ weight: [Float]) -> [Float] {
    var result = x
    let width = weight.count
    for start in stride(from: 0, to: x.count, by: width) {
      var sum = 0.0
      for index in start..<start + width { sum += Double(x[index]) * Double(x[index]) }
      let scale = 1 / (Float(sum / Double(width)) + Float(config.normEpsilon)).squareRoot()
      for index in 0..<width { result[start + index] = x[start + index] * scale * weight[index] }
    }
    return result
  }

  /// silu(gate) · up, where each row is `[gate, up]`.
  func gated(_ x: [Float]) -> [Float] {
    let inner = config.intermediateSize
    var result = [Float](repeating: 0, count: x.count / 2)
    for row in 0..<x.count / (2 * inner) {
      for index in 0..<inner {
        let gate = x[row * 2 * inner + index]
        let up = x[row * 2 * inner + inner + index]
        result[row * inner + index] = gate / (1 + expf(-gate)) * up
      }
    }
    return result
  }

  /// Rotates the interleaved pairs of each head of a row by its position's angles.
  func rotate(_ row: inout [Float], _ angles: [Float]) {
    for head in 0..<config.headCount {
      let base = head * config.headSize
      for pair in 0..<config.headSize / 2 {
        let (cosine, sine) = (angles[2 * pair], angles[2 * pair + 1])
        let (a, b) = (row[base + 2 * pair], row[base + 2 * pair + 1])
        row[base + 2 * pair] = a * cosine - b * sine
        row[base + 2 * pair + 1] = b * cosine + a * sine
      }
    }
  }
}

/// Adds element by element.
func add(_ values: [Float], to target: inout [Float]) {
  precondition(values.count == target.count)
  for index in target.indices { target[index] += values[index] }
}
