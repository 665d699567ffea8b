import FileAccess
import Kernels
import TestSupport
import Tensors
import Testing

/// Every kernel of every level that this processor has equals its scalar definition, bit for bit.
struct KernelSetTests {
  /// A level with a dtype of the source.
  struct Case: Sendable, CustomTestStringConvertible {
    let level: CPULevel
    let dtype: DType
    var testDescription: String { "\(level.rawValue), \(dtype.rawValue)" }
  }

  static let cases = CPULevel.available.flatMap { level in
    [DType.f32, .f16, .bf16].map { Case(level: level, dtype: $0) }
  }

  /// A row as it lies in a file, at an address that is aligned to nothing.
  private struct Row {
    let values: [Float]
    private let bytes: [UInt8]
    private let start: Int

    init(_ values: [Float], as dtype: DType, start: Int) {
      var bytes = [UInt8](repeating: 0xAA, count: start)
      for value in values {
        switch dtype {
        case .f16: bytes += SafetensorsBuilder.littleEndian(value.f16Bits)
        case .bf16: bytes += SafetensorsBuilder.littleEndian(value.bf16Bits)
        default: bytes += SafetensorsBuilder.littleEndian(value.bitPattern)
        }
      }
      // What is not representable was rounded: the row is what its bytes say.
      self.values = values.map { value in
        switch dtype {
        case .f16: Float(f16Bits: value.f16Bits)
        case .bf16: Float(bf16Bits: value.bf16Bits)
        default: value
        }
      }
      self.bytes = bytes
      self.start = start
    }

    var span: RawSpan {
      @_lifetime(borrow self)
      get { bytes.span.extracting(start...).rawBytes }
    }
  }

  /// Rows of a count: weights as they are, any finite values, and small ones for subnormal scales.
  private func rows(_ count: Int, _ dtype: DType) -> [Row] {
    var generator = SeededGenerator(seed: UInt64(count))
    func uniform(_ bound: Float) -> [Float] {
      (0..<count).map { _ in Float.random(in: -bound...bound, using: &generator) }
    }
    let finite = anyFiniteValues(count, seed: UInt64(count)).map { value in
      dtype == .f16 ? max(min(value, 65504), -65504) : min(max(value, -0x1p127), 0x1p127)
    }
    // Whole and half multiples of a scale of 2⁻⁷: every quotient is a tie or exact.
    let ties = (0..<count).map { index in
      index == 0 ? Float(127) * 0x1p-7 : Float(index * 37 % 255 - 127) / 2 * 0x1p-7
    }
    let all = [
      uniform(0.05), finite, ties, uniform(0x1p-20), uniform(0x1p-146),
      [Float](repeating: -0.0, count: count), uniform(60000),
    ]
    return all.enumerated().map { Row($1, as: dtype, start: [0, 1, 2, 3, 5, 7, 8][$0]) }
  }

  private func kernels(_ test: Case) throws -> KernelSet {
    try #require(KernelSet(test.level))
  }

  @Test func `the best level is the last that the processor has`() {
    #expect(KernelSet.best.level == CPULevel.available.last)
    #expect(CPULevel.available.allSatisfy { KernelSet($0)?.level == $0 })
  }

  @Test(arguments: cases)
  func `magnitudes and widened values`(test: Case) throws {
    let kernels = try kernels(test)
    for count in 0...257 {
      for row in rows(count, test.dtype) {
        let largest = kernels.largestMagnitude(row.span, of: test.dtype)
        #expect(largest.bitPattern == Scalar.largestMagnitude(row.values.span).bitPattern)
        var values = [Float](repeating: 99, count: count)
        var span = values.mutableSpan
        kernels.widen(row.span, of: test.dtype, into: &span)
        #expect(values.map(\.bitPattern) == row.values.map(\.bitPattern))
      }
    }
  }

  @Test(arguments: cases)
  func `a NaN or infinity anywhere is seen`(test: Case) throws {
    let kernels = try kernels(test)
    let intruders: [Float] = [.nan, -.nan, .infinity, -.infinity]
    for count in [1, 31, 32, 33, 70] {
      for index in 0..<count {
        var values = [Float](repeating: 1, count: count)
        values[index] = intruders[index % 4]
        let row = Row(values, as: test.dtype, start: 1)
        #expect(!kernels.largestMagnitude(row.span, of: test.dtype).isFinite)
        var output = [UInt8](repeating: 0, count: 2 * count)
        var span = output.mutableSpan
        #expect(!kernels.encodeF16(row.span, of: test.dtype, into: &span).isFinite)
        #expect(!kernels.encodeBF16(row.span, of: test.dtype, into: &span).isFinite)
        var codes = span.part(0..<count)
        #expect(!kernels.encodeInt8Row(row.span, of: test.dtype, into: &codes).0.isFinite)
      }
    }
  }

  @Test(arguments: cases)
  func `rows of 8-bit codes`(test: Case) throws {
    let kernels = try kernels(test)
    for count in 0...257 {
      for row in rows(count, test.dtype) {
        var expected = [Int8](repeating: 0, count: count)
        var expectedSpan = expected.mutableSpan
        let (outcome, scale) = Scalar.encodeInt8Row(row.values.span, into: &expectedSpan)
        var codes = [UInt8](repeating: 99, count: count)
        var span = codes.mutableSpan
        let found = kernels.encodeInt8Row(row.span, of: test.dtype, into: &span)
        #expect(codes == expected.map { UInt8(bitPattern: $0) })
        #expect(found.scale.bitPattern == scale.bitPattern)
        expectEqual(found.0, outcome)
      }
    }
  }

  @Test(arguments: cases)
  func `groups of 8-bit codes`(test: Case) throws {
    let kernels = try kernels(test)
    for (count, size) in [
      (0, 32), (32, 32), (96, 32), (64, 64), (320, 160), (1088, 32), (2080, 32),
    ] {
      for row in rows(count, test.dtype) {
        var expected = [Int8](repeating: 0, count: count)
        var expectedScales = [UInt16](repeating: 0, count: count / size)
        var expectedSpan = expected.mutableSpan
        var expectedScaleSpan = expectedScales.mutableSpan
        let outcome = Scalar.encodeInt8Groups(
          row.values.span, groupSize: size, into: &expectedSpan, scales: &expectedScaleSpan)
        var codes = [UInt8](repeating: 99, count: count + 1)
        var scales = [UInt8](repeating: 99, count: 2 * (count / size) + 1)
        var codeSpan = codes.mutableSpan
        var scaleSpan = scales.mutableSpan
        var codePart = codeSpan.part(1..<count + 1)
        var scalePart = scaleSpan.part(1..<2 * (count / size) + 1)
        let found = kernels.encodeInt8Groups(
          row.span, of: test.dtype, groupSize: size, into: &codePart, scales: &scalePart)
        #expect(codes == [99] + expected.map { UInt8(bitPattern: $0) })
        #expect(scales == [99] + expectedScales.flatMap { SafetensorsBuilder.littleEndian($0) })
        // A scale that is infinite gives no error sums worth comparing.
        if outcome.overflowed == 0 {
          expectEqual(found, outcome)
        } else {
          #expect(found.overflowed == outcome.overflowed)
        }
      }
    }
  }

  @Test(arguments: cases)
  func `groups of 4-bit codes`(test: Case) throws {
    let kernels = try kernels(test)
    for (count, size) in [
      (0, 32), (32, 32), (96, 32), (64, 64), (320, 160), (1088, 32), (2080, 32),
    ] {
      for row in rows(count, test.dtype) + signedRows(count, test.dtype) {
        var expected = [UInt8](repeating: 0, count: count / 2)
        var expectedScales = [UInt16](repeating: 0, count: count / size)
        var expectedSpan = expected.mutableSpan
        var expectedScaleSpan = expectedScales.mutableSpan
        let outcome = Scalar.encodeInt4Groups(
          row.values.span, groupSize: size, into: &expectedSpan, scales: &expectedScaleSpan)
        var codes = [UInt8](repeating: 99, count: count / 2 + 1)
        var scales = [UInt8](repeating: 99, count: 2 * (count / size) + 1)
        var codeSpan = codes.mutableSpan
        var scaleSpan = scales.mutableSpan
        var codePart = codeSpan.part(1..<count / 2 + 1)
        var scalePart = scaleSpan.part(1..<2 * (count / size) + 1)
        let found = kernels.encodeInt4Groups(
          row.span, of: test.dtype, groupSize: size, into: &codePart, scales: &scalePart)
        #expect(codes == [99] + expected)
        #expect(scales == [99] + expectedScales.flatMap { SafetensorsBuilder.littleEndian($0) })
        if outcome.overflowed == 0 {
          expectEqual(found, outcome)
        } else {
          #expect(found.overflowed == outcome.overflowed)
        }
        expectDecoded(kernels, expected, expectedScales, groupSize: size)
      }
    }
  }

  /// Rows in whose groups both signs of the largest magnitude stand, in either order.
  private func signedRows(_ count: Int, _ dtype: DType) -> [Row] {
    [5, 37].map { period in
      let values = (0..<count).map { index -> Float in
        let sign: Float = index.isMultiple(of: 2) ? 1 : -1
        return index % period < 2 ? 3 * sign : Float(index % 7) / 4
      }
      return Row(values, as: dtype, start: 1)
    }
  }

  private func expectDecoded(
    _ kernels: KernelSet, _ codes: [UInt8], _ scales: [UInt16], groupSize size: Int
  ) {
    let matrix = StoredMatrix(
      .int4Groups(size: size), rows: 1, columns: 2 * codes.count, elements: codes.span.rawBytes,
      scales: scales.span.rawBytes)
    var values = [Float](repeating: 99, count: 2 * codes.count)
    var span = values.mutableSpan
    kernels.decode(matrix, into: &span)
    for (group, scale) in scales.enumerated() {
      var expected = [Float](repeating: 99, count: size)
      var expectedSpan = expected.mutableSpan
      Scalar.decodeInt4(
        codes.span.extracting(group * size / 2..<(group + 1) * size / 2),
        scale: Float(f16Bits: scale), into: &expectedSpan)
      let found = values[group * size..<(group + 1) * size]
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  @Test(arguments: cases, [BlockFormat.q8_0, .q4_0])
  func `ggml's blocks`(test: Case, format: BlockFormat) throws {
    let kernels = try kernels(test)
    for count in [0, 32, 64, 1056] {
      for row in rows(count, test.dtype) + signedRows(count, test.dtype) {
        let size = format.byteCount(ofElements: count)
        var expected = [UInt8](repeating: 0, count: size)
        var expectedSpan = expected.mutableSpan
        let largest = Scalar.encodeBlocks(row.values.span, as: format, into: &expectedSpan)
        var blocks = [UInt8](repeating: 99, count: size + 1)
        var span = blocks.mutableSpan
        var part = span.part(1..<size + 1)
        let found = kernels.encodeBlocks(row.span, of: test.dtype, as: format, into: &part)
        #expect(blocks == [99] + expected)
        #expect(found.bitPattern == largest.bitPattern)
      }
    }
    var values = [Float](repeating: 1, count: 64)
    values[40] = .nan
    let row = Row(values, as: test.dtype, start: 1)
    var blocks = [UInt8](repeating: 0, count: format.byteCount(ofElements: 64))
    var span = blocks.mutableSpan
    #expect(!kernels.encodeBlocks(row.span, of: test.dtype, as: format, into: &span).isFinite)
  }

  @Test(arguments: cases)
  func `halves of both kinds`(test: Case) throws {
    let kernels = try kernels(test)
    for count in 0...257 {
      for row in rows(count, test.dtype) {
        var expected = [UInt16](repeating: 0, count: count)
        var expectedSpan = expected.mutableSpan
        var bits = [UInt8](repeating: 99, count: 2 * count)
        var span = bits.mutableSpan
        let f16 = kernels.encodeF16(row.span, of: test.dtype, into: &span)
        expectEqual(f16, Scalar.encodeF16(row.values.span, into: &expectedSpan))
        #expect(bits == expected.flatMap { SafetensorsBuilder.littleEndian($0) })
        span = bits.mutableSpan
        expectedSpan = expected.mutableSpan
        let bf16 = kernels.encodeBF16(row.span, of: test.dtype, into: &span)
        expectEqual(bf16, Scalar.encodeBF16(row.values.span, into: &expectedSpan))
        #expect(bits == expected.flatMap { SafetensorsBuilder.littleEndian($0) })
      }
    }
  }

  @Test(arguments: CPULevel.available)
  func `decoding, and errors between any values`(level: CPULevel) throws {
    let kernels = try #require(KernelSet(level))
    for count in 0...257 {
      let codes = (0..<count).map { Int8(truncatingIfNeeded: ($0 &* 89) % 255 - 127) }
      for scale in [0, 0.1, 0x1p-149, 65504] as [Float] {
        var expected = [Float](repeating: 0, count: count)
        var expectedSpan = expected.mutableSpan
        Scalar.decodeInt8(codes.span, scale: scale, into: &expectedSpan)
        var values = [Float](repeating: 99, count: count)
        var span = values.mutableSpan
        kernels.decodeInt8(codes.span, scale: scale, into: &span)
        #expect(values.map(\.bitPattern) == expected.map(\.bitPattern))
      }
      let left = anyFiniteValues(count, seed: 1)
      let right = anyFiniteValues(count, seed: 2)
      let expected = ErrorSums(decoded: left.span, source: right.span)
      #expect(kernels.errorSums(decoded: left.span, source: right.span) == expected)
    }
  }

  private func expectEqual(
    _ found: RowOutcome, _ expected: RowOutcome, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    // An infinity among the decoded values makes sums that are not compared.
    if expected.overflowed > 0 {
      #expect(found.overflowed == expected.overflowed, sourceLocation: sourceLocation)
      return
    }
    #expect(found == expected, sourceLocation: sourceLocation)
  }
}
