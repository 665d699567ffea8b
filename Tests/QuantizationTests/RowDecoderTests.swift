import FileAccess
import Kernels
import Quantization
import Safetensors
import TestSupport
import Tensors
import Testing

/// Decoding what an independent implementation stored gives the error that it measured.
struct RowDecoderTests {
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
    var decoded = [Float](repeating: .nan, count: codes.count)
    var output = decoded.mutableSpan
    if vector.granularity == "row" {
      let scales = try values(vector.tensor("scales"), of: Float.self)
      RowDecoder().decode(codes.span, rowScales: scales.span, into: &output)
    } else {
      let scales = try values(vector.tensor("scales"), of: UInt16.self)
      RowDecoder().decode(codes.span, groupScales: scales.span, into: &output)
    }
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
    let codes: [Int8] = [1, -2, 127, -127, 0, 3]
    let scales: [Float] = [0.5, 2]
    var values = [Float](repeating: .nan, count: 6)
    var output = values.mutableSpan
    RowDecoder().decode(codes.span, rowScales: scales.span, into: &output)
    #expect(values == [0.5, -1, 63.5, -254, 0, 6])
  }

  @Test func `each group of each row has its scale, in binary16`() {
    let codes: [Int8] = [1, 1, 1, 1, -3, 3, 2, 0]
    let scales: [UInt16] = [0x3C00, 0x3800, 0x4000, 0x0001]  // 1, ½, 2, 2⁻²⁴
    var values = [Float](repeating: .nan, count: 8)
    var output = values.mutableSpan
    RowDecoder().decode(codes.span, groupScales: scales.span, into: &output)
    #expect(values == [1, 1, 0.5, 0.5, -6, 6, 0x1p-23, 0])
  }

  @Test func `no rows decode to nothing`() {
    var values: [Float] = []
    var output = values.mutableSpan
    RowDecoder().decode([Int8]().span, rowScales: [Float]().span, into: &output)
    #expect(values.isEmpty)
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
