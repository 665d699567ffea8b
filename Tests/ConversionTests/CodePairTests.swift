import Conversion
import HuginnModel
import Models
import PackFormat
import Quantization
import Tensors
import TestSupport
import Testing

/// The typed view of a plane of 4-bit codes.
struct CodePairTests {
  @Test func `a plane of 4-bit codes is viewed as pairs of neighbours`() throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.nano), Recipe(weights: .int4))
    _ = try Converter(plan).write(to: directory("pack"), .test)
    let pack = try Pack(path: directory("pack"))
    let core = pack.segment(.core)
    let adapter = try core.tensor("transformer.adapter.weight")
    let pairs = try core.view(.codes, of: adapter, as: CodePair.self)
    let scales = try core.view(.scales, of: adapter, as: UInt16.self)
    let (rows, columns) = (adapter.tensor.shape.rows, adapter.tensor.shape.columns)
    #expect(pairs.count == rows * columns / 2)
    #expect(scales.count == rows * columns / 32)
    var reader = TensorReader(
      try #require(StoredModel(path: directory("pack")).tensors[adapter.tensor.name]))
    var values: [Float] = []
    try reader.read(0..<rows, into: &values)
    for index in values.indices {
      let pair = pairs[index / 2]
      let code = index.isMultiple(of: 2) ? pair.even : pair.odd
      let expected = Float(Float16(bitPattern: scales[index / 32])) * Float(code)
      #expect(values[index].bitPattern == expected.bitPattern)
    }
  }

  @Test func `other types of elements are refused`() throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.nano), Recipe(weights: .int4))
    _ = try Converter(plan).write(to: directory("pack"), .test)
    let pack = try Pack(path: directory("pack"))
    let core = pack.segment(.core)
    let adapter = try core.tensor("transformer.adapter.weight")
    #expect(throws: PackError.planeType(tensor: adapter.tensor.name, dtype: .u4)) {
      _ = try core.view(.codes, of: adapter, as: Int8.self)
    }
  }
}
