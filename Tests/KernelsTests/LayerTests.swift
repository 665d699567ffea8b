import CMuninnMath
import TestSupport
import Testing

@testable import Kernels

struct LayerTests {
  @Test(arguments: CPULevel.available)
  func `exponentials equal their definition, at every exponent`(level: CPULevel) throws {
    let kernels = try #require(KernelSet(level))
    // A prime step passes all exponents and both signs, infinities and NaN.
    let x = stride(from: UInt32(0), through: .max - 65_537, by: 65_537).map(Float.init(bitPattern:))
    var y = [Float](repeating: 99, count: x.count)
    var span = y.mutableSpan
    kernels.exponentials(x.span, into: &span)
    for (x, y) in zip(x, y) {
      let expected = Scalar.exponential(x)
      #expect(y.bitPattern == expected.bitPattern || y.isNaN && expected.isNaN, "\(x)")
    }
  }

  @Test func `exponentials are within one unit in the last place`() {
    for x in stride(from: Float(-87), through: 88.7, by: 0.013) {
      let exact = exp(Double(x))
      #expect(abs(Double(Scalar.exponential(x)) - exact) <= Double(Float(exact).ulp), "\(x)")
    }
    #expect(Scalar.exponential(0) == 1)
    #expect(Scalar.exponential(-.infinity) == 0)
    #expect(Scalar.exponential(89) == .infinity)
    #expect(Scalar.exponential(.nan).isNaN)
  }

  @Test(arguments: CPULevel.available)
  func `norms and gates equal their definitions`(level: CPULevel) throws {
    let kernels = try #require(KernelSet(level))
    var generator = SeededGenerator(seed: 21)
    for columns in 1...257 {
      let x = (0..<3 * columns).map { _ in Float.random(in: -9...9, using: &generator) }
      let weight = (0..<columns).map { _ in Float.random(in: 0...2, using: &generator) }
      var y = [Float](repeating: 99, count: x.count)
      var span = y.mutableSpan
      kernels.normalize(x.span, weight.span, epsilon: 1e-6, into: &span)
      let expected = (0..<3).flatMap { row in
        Scalar.normalized(
          x.span.extracting(row * columns..<(row + 1) * columns), weight.span, epsilon: 1e-6)
      }
      #expect(y == expected)

      let rows = (0..<6 * columns).map { _ in Float.random(in: -99...99, using: &generator) }
      var gated = [Float](repeating: 99, count: 3 * columns)
      var gatedSpan = gated.mutableSpan
      kernels.gate(rows.span, columns: columns, into: &gatedSpan)
      let products = (0..<3 * columns).map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: columns)
        return Scalar.gated(
          rows[2 * row * columns + column], rows[(2 * row + 1) * columns + column])
      }
      #expect(gated == products)
    }
  }

  @Test(arguments: CPULevel.available)
  func `attention equals its definition, whatever queries are beside`(level: CPULevel) throws {
    let kernels = try #require(KernelSet(level))
    var generator = SeededGenerator(seed: 22)
    for (size, entries) in [(96, 70), (32, 33), (8, 32), (2, 1), (40, 129)] {
      // Rows of two heads, of which the second is looked at.
      let queries = (0..<entries * 2 * size).map { _ in Float.random(in: -3...3, using: &generator)
      }
      let keys = (0..<entries * size).map { _ in Float.random(in: -3...3, using: &generator) }
      let values = (0..<entries * size).map { _ in Float.random(in: -3...3, using: &generator) }
      let counts = Array(1...entries)
      var output = [Float](repeating: 99, count: entries * size)
      var span = output.mutableSpan
      kernels.attend(
        queries.span, rowWidth: 2 * size, offset: size, counts: counts.span, keys.span,
        values.span, size: size, into: &span)
      for query in 0..<entries {
        let start = (2 * query + 1) * size
        let expected = Scalar.attention(
          queries.span.extracting(start..<start + size),
          keys.span.extracting(0..<(query + 1) * size),
          values.span.extracting(0..<(query + 1) * size), scale: 1 / Float(size).squareRoot())
        #expect(Array(output[query * size..<(query + 1) * size]) == expected)
      }
    }
  }

  @Test func `attention is a softmax over scaled products`() {
    var generator = SeededGenerator(seed: 23)
    let (size, entries) = (16, 100)
    let query = (0..<size).map { _ in Float.random(in: -3...3, using: &generator) }
    let keys = (0..<entries * size).map { _ in Float.random(in: -3...3, using: &generator) }
    let values = (0..<entries * size).map { _ in Float.random(in: -3...3, using: &generator) }
    let found = Scalar.attention(query.span, keys.span, values.span, scale: 0.25)
    let scores = (0..<entries).map { entry in
      (0..<size).reduce(0.0) { $0 + Double(query[$1]) * Double(keys[entry * size + $1]) } / 4
    }
    let weights = scores.map { exp($0 - (scores.max() ?? 0)) }
    for column in 0..<size {
      let sum = (0..<entries).reduce(0.0) { $0 + weights[$1] * Double(values[$1 * size + column]) }
      #expect(abs(Double(found[column]) - sum / weights.reduce(0, +)) < 1e-6)
    }
  }

  @Test(arguments: CPULevel.available)
  func `rotation turns neighbouring pairs of every head`(level: CPULevel) throws {
    let kernels = try #require(KernelSet(level))
    var row: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let angles: [Float] = [0, 1, 1, 0]
    var span = row.mutableSpan
    kernels.rotate(&span, angles.span)
    #expect(row == [-2, 1, 3, 4, -6, 5, 7, 8])
  }
}
