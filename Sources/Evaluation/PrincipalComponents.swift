import Inference

/// The directions in which vectors vary most, by subspace iteration on their covariance.
struct PrincipalComponents: Sendable {
  /// Orthonormal, each `[n_embd]`, the largest variance first; the largest entry of each is
  /// positive, so that pictures do not flip.
  private(set) var directions: [[Double]] = []
  /// The share of the variance along each.
  private(set) var explained: [Double] = []

  /// Iterations after which directions of distinct variances have settled.
  private static let iterations = 60

  /// The components of centred vectors.
  ///
  /// - Parameters:
  ///   - rows: the vectors, each of the same length.
  ///   - count: the largest number of components.
  init(_ rows: [[Float]], count: Int) {
    guard let width = rows.first?.count else { return }
    let total = rows.reduce(0.0) { $0 + $1.reduce(0.0) { $0 + Double($1) * Double($1) } }
    guard total > 0 else { return }
    var generator = SplitMix64(seed: 1)
    var basis = (0..<min(count, width, rows.count)).map { _ in
      (0..<width).map { _ in Double(generator.next() >> 11) * 0x1p-53 - 0.5 }
    }
    var variances: [Double] = []
    for _ in 0..<Self.iterations {
      basis = basis.map { Self.applyCovariance(rows, $0) }
      variances = Self.orthonormalize(&basis)
    }
    for (direction, variance) in zip(basis, variances) where variance > 1e-12 * total {
      let largest = direction.max { $0.magnitude < $1.magnitude } ?? 1
      directions.append(largest < 0 ? direction.map { -$0 } : direction)
      explained.append(min(1, variance / total))
    }
  }

  /// The coordinates of a centred vector.
  func project(_ row: [Float]) -> [Double] {
    directions.map { direction in
      var sum = 0.0
      for index in row.indices { sum += Double(row[index]) * direction[index] }
      return sum
    }
  }

  /// Xᵀ · (X · v).
  private static func applyCovariance(_ rows: [[Float]], _ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: vector.count)
    for row in rows {
      var product = 0.0
      for index in row.indices { product += Double(row[index]) * vector[index] }
      for index in row.indices { result[index] += product * Double(row[index]) }
    }
    return result
  }

  /// Gram and Schmidt, twice for orthogonality in binary64.
  ///
  /// - Returns: the lengths before: in the limit, the variances.
  private static func orthonormalize(_ basis: inout [[Double]]) -> [Double] {
    var lengths: [Double] = []
    for index in basis.indices {
      for _ in 0..<2 {
        for earlier in 0..<index {
          let overlap = dot(basis[index], basis[earlier])
          for place in basis[index].indices {
            basis[index][place] -= overlap * basis[earlier][place]
          }
        }
      }
      let length = dot(basis[index], basis[index]).squareRoot()
      lengths.append(length)
      if length > 0 { basis[index] = basis[index].map { $0 / length } }
    }
    return lengths
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }
}
