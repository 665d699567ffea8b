import FileAccess
import Tensors
import TestSupport
import Testing

@testable import Kernels

struct MultiplicationTests {
  @Test(arguments: CPULevel.available, [.f32, .f16, .bf16] as [MatrixScheme])
  func `rows of values times vectors equal their scalar product`(
    level: CPULevel, scheme: MatrixScheme
  ) throws {
    let kernels = try #require(KernelSet(level))
    var generator = SeededGenerator(seed: 11)
    for columns in 1...257 {
      let rows = 2
      let elementBytes = scheme.bitsPerElement / 8
      let elements = (0..<rows * columns * elementBytes).map { index -> UInt8 in
        // Exponents of halves and floats stay small: no infinity among the weights.
        index % elementBytes == elementBytes - 1
          ? .random(in: 0x30...0x3C, using: &generator)
          : .random(in: 0...255, using: &generator)
      }
      let matrix = StoredMatrix(
        scheme, rows: rows, columns: columns, elements: elements.span.rawBytes,
        scales: elements.span.extracting(0..<0).rawBytes)
      var weights = [Float](repeating: 0, count: rows * columns)
      var weightSpan = weights.mutableSpan
      kernels.decode(matrix, into: &weightSpan)
      for tokens in [1, 2, 3, 4, 5, 11] {
        let x = (0..<tokens * columns).map { _ in Float.random(in: -1...1, using: &generator) }
        let y = product(kernels, matrix, x)
        for row in 0..<rows {
          for token in 0..<tokens {
            let expected = Scalar.dot(
              weights.span.extracting(row * columns..<(row + 1) * columns),
              x.span.extracting(token * columns..<(token + 1) * columns))
            #expect(y[token * rows + row].bitPattern == expected.bitPattern)
          }
        }
      }
    }
  }

  /// Rows of codes: a scheme and how many columns.
  static let codedRows: [(MatrixScheme, Int)] =
    ((1...257).map { (.int8Row, $0) } + [511, 512, 513, 1024, 2049].map { (.int8Row, $0) })
    + [32, 64, 96, 128, 160, 288].map { (.int8Groups(size: 32), $0) }
    + [(.int8Groups(size: 96), 288), (.int8Groups(size: 544), 1088), (.int8Groups(size: 16), 80)]
    + [32, 64, 96, 128, 160, 224, 256, 288, 544].map { (.int4Groups(size: 32), $0) }
    + [(.int4Groups(size: 64), 192), (.int4Groups(size: 160), 320), (.int4Groups(size: 544), 1088)]

  @Test(arguments: CPULevel.available)
  func `rows of codes times vectors equal their scalar product`(level: CPULevel) throws {
    let kernels = try #require(KernelSet(level))
    var generator = SeededGenerator(seed: 12)
    for (scheme, columns) in Self.codedRows {
      let rows = 3
      let range = scheme.bitsPerElement == 4 ? Int4.codes : -128...127
      let codes = (0..<rows * columns).map { _ in Int8.random(in: range, using: &generator) }
      let (scaleBytes, scales) = makeScales(scheme, rows: rows, columns: columns)
      let stored = elements(of: codes, scheme)
      let matrix = StoredMatrix(
        scheme, rows: rows, columns: columns, elements: stored.span.rawBytes,
        scales: scaleBytes.span.rawBytes)
      // Batches of one, of panels, and of both.
      for tokens in [1, 2, 3, 5, 12, 16, 21, 33] {
        let x = (0..<tokens * columns).map { _ in Float.random(in: -9...9, using: &generator) }
        let y = product(kernels, matrix, x)
        let fixed = (0..<tokens).map { token in
          Scalar.FixedPoint(x.span.extracting(token * columns..<(token + 1) * columns))
        }
        for row in 0..<rows {
          for token in 0..<tokens {
            let expected = Scalar.dot(
              codes.span.extracting(row * columns..<(row + 1) * columns), scales: scales[row],
              fixed[token])
            #expect(
              y[token * rows + row].bitPattern == expected.bitPattern,
              "\(columns) columns, \(tokens) vectors")
          }
        }
      }
    }
  }

  @Test(
    arguments: CPULevel.available,
    [.int8Groups(size: 32), .int4Groups(size: 32)] as [MatrixScheme])
  func `a product does not depend on the vectors beside it, nor on the parts`(
    level: CPULevel, scheme: MatrixScheme
  ) throws {
    let kernels = try #require(KernelSet(level))
    var generator = SeededGenerator(seed: 14)
    let (rows, columns) = (77, 288)
    let range = scheme.bitsPerElement == 4 ? Int4.codes : -128...127
    let codes = (0..<rows * columns).map { _ in Int8.random(in: range, using: &generator) }
    let (scaleBytes, _) = makeScales(scheme, rows: rows, columns: columns)
    let stored = elements(of: codes, scheme)
    let matrix = StoredMatrix(
      scheme, rows: rows, columns: columns, elements: stored.span.rawBytes,
      scales: scaleBytes.span.rawBytes)
    let x = (0..<67 * columns).map { _ in Float.random(in: -1...1, using: &generator) }
    let alone = (0..<67).map { vector in
      product(kernels, matrix, Array(x[vector * columns..<(vector + 1) * columns]))
    }
    for count in 1...67 {
      let some = Array(x[..<(count * columns)])
      #expect(product(kernels, matrix, some) == alone[..<count].flatMap(\.self))
    }
    let vectors = kernels.prepare(x.span, for: matrix)
    for parts in [2, 3, 8, 100] {
      var y = [Float](repeating: 99, count: 67 * rows)
      var span = y.mutableSpan
      kernels.multiply(matrix, vectors, into: &span, inParts: parts) { count, body in
        for part in (0..<count).reversed() { body(part) }
      }
      #expect(y == alone.flatMap(\.self))
    }
  }

  @Test func `the product of codes is as near to the exact one as binary32 comes`() {
    var generator = SeededGenerator(seed: 13)
    let columns = 5280
    let codes = (0..<columns).map { _ in Int8.random(in: -127...127, using: &generator) }
    // Elements over nine decades, one far above the others.
    var x = (0..<columns).map { _ in
      Float.random(in: -1...1, using: &generator) * Float.random(in: 1e-9...1, using: &generator)
    }
    x[77] = -1000
    let scale: Float = 0.0123
    let matrix = StoredMatrix(
      .int8Row, rows: 1, columns: columns, elements: codes.span.rawBytes,
      scales: [scale].span.rawBytes)
    let y = product(.best, matrix, x)[0]
    let exact = zip(codes, x).reduce(0.0) { $0 + Double($1.0) * Double(scale) * Double($1.1) }
    let size = zip(codes, x).reduce(0.0) { $0 + abs(Double($1.0) * Double(scale) * Double($1.1)) }
    #expect(abs(Double(y) - exact) < 0x1p-23 * size)
  }

  @Test func `fixed point keeps zeros, extremes and what is not finite`() {
    let x: [Float] = [
      0, 0, .greatestFiniteMagnitude, -1, .leastNonzeroMagnitude, 0, .infinity, 1, .nan, 1,
      0x1.fffffep-1, -0x1.fffffep-1,
    ]
    let values = (0..<6).map { vector in
      let fixed = Scalar.FixedPoint(x.span.extracting(2 * vector..<2 * vector + 2))
      return (0..<2).map { (Float(fixed.high[$0]) * 0x1p15 + Float(fixed.low[$0])) * fixed.unit }
    }
    #expect(values[0] == [0, 0])
    #expect(values[1] == [.greatestFiniteMagnitude, 0])
    // Below 2⁻¹²⁶ there is no unit: what is so small is nothing beside any weight.
    #expect(values[2] == [0, 0])
    #expect(values[3].allSatisfy(\.isNaN) && values[4].allSatisfy(\.isNaN))
    #expect(values[5] == [0x1.fffffep-1, -0x1.fffffep-1])
  }

  @Test func `a vector that is not finite makes products that are not finite`() {
    let codes: [Int8] = [0, 0, 1, 2]
    let matrix = StoredMatrix(
      .int8Row, rows: 2, columns: 2, elements: codes.span.rawBytes,
      scales: ([1, 1] as [Float]).span.rawBytes)
    #expect(product(.best, matrix, [1, .infinity]).allSatisfy { $0.isNaN })
  }

  @Test(.enabled(if: CPULevel.available.count > 1))
  func `vectors that another level prepared trap`() async {
    await #expect(processExitsWith: .failure) {
      let sets = CPULevel.available.compactMap(KernelSet.init)
      let one: [Float] = [1]
      let matrix = StoredMatrix(
        .f32, rows: 1, columns: 1, elements: one.span.rawBytes,
        scales: one.span.extracting(0..<0).rawBytes)
      var y: [Float] = [0]
      var span = y.mutableSpan
      sets[1].multiply(matrix, sets[0].prepare(one.span, for: matrix), into: &span)
    }
  }

  private func product(
    _ kernels: KernelSet, _ matrix: StoredMatrix, _ x: [Float]
  ) -> [Float] {
    let vectors = kernels.prepare(x.span, for: matrix)
    var y = [Float](repeating: 99, count: matrix.rows * vectors.count)
    var span = y.mutableSpan
    kernels.multiply(matrix, vectors, into: &span)
    return y
  }

  /// Codes as they lie in a matrix.
  private func elements(of codes: [Int8], _ scheme: MatrixScheme) -> [UInt8] {
    guard scheme.bitsPerElement == 4 else { return codes.map { UInt8(bitPattern: $0) } }
    return stride(from: 0, to: codes.count, by: 2).map { Int4.byte(codes[$0], codes[$0 + 1]) }
  }

  private func makeScales(
    _ scheme: MatrixScheme, rows: Int, columns: Int
  ) -> (bytes: [UInt8], scales: [[Float]]) {
    guard let size = scheme.groupSize else {
      let scale: Float = 0.013
      return (
        (0..<rows).flatMap { _ in SafetensorsBuilder.littleEndian(scale.bitPattern) },
        Array(repeating: [scale], count: rows)
      )
    }
    let bits = (0..<rows).map { row in
      (0..<columns / size).map { UInt16(0x2100 + 64 * row + $0) }
    }
    return (
      bits.flatMap { $0.flatMap { SafetensorsBuilder.littleEndian($0) } },
      bits.map { $0.map { Float(f16Bits: $0) } }
    )
  }
}
