import FileAccess
import Kernels
import Quantization
import Safetensors
import TestSupport
import Tensors
import Testing

/// Decoding what an independent implementation stored gives the error that it measured.
struct MatrixDecodingTests {
  private let file: SafetensorsFile

  init() throws {
    file = try SafetensorsFile(path: Fixtures.path("vectors/int8.safetensors"))
  }

  @Test(arguments: RowEncoderVectorTests.vectors)
  func `stored codes and scales decode to values of the error that the vector has`(
    vector: RowEncoderVectorTests.Vector
  ) throws {
    let source = try values("\(vector.name).input", of: Float.self)
    let columns = try entry("\(vector.name).input").tensor.shape.columns
    let codes = try values(vector.tensor("codes"), of: Int8.self)
    let scales = try values(vector.tensor("scales"), of: UInt8.self)
    let decoded = decode(
      codes, scales, columns: columns, as: try vector.encoding().matrixScheme)
    var sums = ErrorSums()
    for start in stride(from: 0, to: source.count, by: columns) {
      let row = start..<start + columns
      sums.add(
        ErrorSums(decoded: decoded.span.extracting(row), source: source.span.extracting(row)))
    }
    let found = [sums.maxAbs, sums.sumSquaredError, sums.sumSquaredSource]
    let expected = try values(vector.tensor("error"), of: Double.self)
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test func `each row has its scale`() {
    let scales = [0.5, 2].flatMap { SafetensorsBuilder.littleEndian(Float($0).bitPattern) }
    let values = decode([1, -2, 127, -127, 0, 3], scales, columns: 3, as: .int8Row)
    #expect(values == [0.5, -1, 63.5, -254, 0, 6])
  }

  @Test func `each group of each row has its scale, in binary16`() {
    // 1, ½, 2, 2⁻²⁴.
    let scales = [0x3C00, 0x3800, 0x4000, 0x0001].flatMap {
      SafetensorsBuilder.littleEndian(UInt16($0))
    }
    let codes = [1, 1, -3, 2].flatMap { [Int8](repeating: $0, count: 16) }
    let values = decode(codes, scales, columns: 32, as: .int8Groups(size: 16))
    #expect(values == [1, 0.5, -6, 0x1p-23].flatMap { [Float](repeating: $0, count: 16) })
  }

  @Test func `no rows decode to nothing`() {
    #expect(decode([], [], columns: 3, as: .int8Row).isEmpty)
  }

  private func decode(
    _ codes: [Int8], _ scales: [UInt8], columns: Int, as scheme: MatrixScheme
  ) -> [Float] {
    let matrix = StoredMatrix(
      scheme, rows: codes.count / columns, columns: columns, elements: codes.span.rawBytes,
      scales: scales.span.rawBytes)
    var values = [Float](repeating: .nan, count: codes.count)
    var output = values.mutableSpan
    KernelSet.best.decode(matrix, into: &output)
    return values
  }

  private func entry(_ name: String) throws -> SafetensorsHeader.Entry {
    try #require(file.header.entries.first { $0.tensor.name == name })
  }

  /// The bytes of a tensor as elements of a type.
  private func values<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ name: String, of _: Element.Type
  ) throws -> [Element] {
    let range = try entry(name).dataRange
    var values = [Element](repeating: 0, count: range.count / MemoryLayout<Element>.size)
    var span = values.mutableSpan
    try file.file.read(at: file.dataOffset + range.lowerBound, into: &span)
    return values
  }
}
