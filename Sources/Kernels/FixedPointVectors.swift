/// Vectors in fixed point, as rows of 8-bit codes are multiplied with: products of whole numbers are
/// exact, and their sums do not depend on an order.
///
/// An element is a whole number of units of its vector, rounded to nearest, ties to even. The unit
/// is the power of two that makes the largest magnitude at least 2²⁸ and less than 2²⁹, so that an
/// element is off by at most 2⁻²⁹ of the largest: less than binary32 rounds the largest itself.
public struct FixedPointVectors: Sendable {
  /// How many vectors.
  public let count: Int
  /// The elements of each.
  public let columns: Int
  /// The elements of each with the zeros that follow: a multiple of 16.
  let stride: Int
  /// An element is high · 2¹⁵ + low, `[count, stride]` each; -2¹⁴ ≤ low < 2¹⁴.
  private(set) var high: [Int16]
  private(set) var low: [Int16]
  /// The unit of each vector; not a number where one of its elements is not finite.
  private(set) var units: [Float]

  /// Vectors `[count, columns]` in fixed point.
  init(_ x: Span<Float>, columns: Int) {
    count = columns == 0 ? 0 : x.count / columns
    precondition(x.count == count * columns, "whole vectors")
    self.columns = columns
    stride = (columns + 15) / 16 * 16
    high = Array(repeating: 0, count: count * stride)
    low = high
    units = []
    for vector in 0..<count { append(x.extracting(vector * columns..<(vector + 1) * columns)) }
  }

  private mutating func append(_ x: Span<Float>) {
    var bits: UInt32 = 0
    for index in x.indices { bits = max(bits, x[index].magnitude.bitPattern) }
    let largest = Float(bitPattern: bits)
    guard largest.isFinite else {
      units.append(.nan)
      return
    }
    // Both the unit and its reciprocal are normal numbers.
    let shift = largest == 0 ? 0 : min(28 - Int(largest.exponent), 126)
    let start = units.count * stride
    let factor = Float(sign: .plus, exponent: shift, significand: 1)
    for index in x.indices {
      let value = Int32((x[index] * factor).rounded(.toNearestOrEven))
      let upper = (value + (1 << 14)) >> 15
      high[start + index] = Int16(truncatingIfNeeded: upper)
      low[start + index] = Int16(truncatingIfNeeded: value - (upper << 15))
    }
    units.append(Float(sign: .plus, exponent: -shift, significand: 1))
  }
}

/// Vectors as the rows of a scheme are multiplied with.
public struct PreparedVectors: Sendable {
  enum Form: Sendable {
    case values([Float])
    case fixedPoint(FixedPointVectors)
  }

  let form: Form
  /// How many vectors.
  public let count: Int

  /// Vectors `[count, matrix.columns]` for a matrix or any of its rows.
  public init(_ x: [Float], for matrix: StoredMatrix) {
    switch matrix.scheme {
    case .f32, .f16, .bf16:
      form = .values(x)
      count = matrix.columns == 0 ? 0 : x.count / matrix.columns
      precondition(x.count == count * matrix.columns, "whole vectors")
    case .int8Row, .int8Groups:
      let vectors = FixedPointVectors(x.span, columns: matrix.columns)
      form = .fixedPoint(vectors)
      count = vectors.count
    }
  }
}
