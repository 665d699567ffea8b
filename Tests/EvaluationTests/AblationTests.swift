import Models
import Conversion
import FileAccess
import Foundation
import HuginnModel
import Inference
import PackFormat
import Parallelism
import TestSupport
import Testing

@testable import Evaluation

struct AblationTests {
  private let config: HuginnConfig

  init() throws { config = try #require(try StoredModel(path: Fixtures.nano).config) }

  @Test func `every matrix is in one stage and one kind`() {
    for by in Ablation.allCases {
      let parts = by.parts(of: config)
      let names = parts.flatMap { Array($0.tensors) }
      #expect(Set(names).count == names.count)
      #expect(
        Set(names) == Set(config.tensors.filter { $0.kind == .matrix }.map(\.name)), "\(by)")
    }
    #expect(
      Ablation.stage.parts(of: config).map(\.name) == ["embedding", "prelude", "core", "coda"])
    #expect(
      Ablation.kind.parts(of: config).map(\.name)
        == ["embedding", "attn.Wqkv", "attn.proj", "mlp.fc", "mlp.proj", "adapter"])
    var untied = config
    untied.tiesEmbeddings = false
    #expect(Ablation.kind.parts(of: untied).last?.name == "head")
  }

  @Test(arguments: Ablation.allCases)
  func `one coarse matrix in the core stands out in its stage and kind`(by: Ablation) throws {
    let directory = try TemporaryDirectory()
    let source = try StoredModel(path: directory.copy(Fixtures.tiny, as: "coarse"))
    let tensor = try #require(source.tensors["transformer.core_block.1.mlp.fc.weight"])
    let shard = "coarse/\(Path.name(of: tensor.file.path))"
    var bytes = try directory.bytes(shard)
    // Five levels where int8 has 255.
    var values = bytes[tensor.byteRange].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let step = (values.map(\.magnitude).max() ?? 0) / 2
    values = values.map { ($0 / step).rounded() * step }
    bytes.replaceSubrange(tensor.byteRange, with: values.withUnsafeBytes { Array($0) })
    try directory.write(shard, bytes)
    let options = Converter.Options(tool: Manifest.Tool(name: "test", version: "1"))
    _ = try Converter(
      try ConversionPlan(StoredModel(path: directory("coarse")), Recipe())
    ).write(to: directory("pack"), options)

    let reference = try Model(StoredModel(path: Fixtures.tiny))
    let pack = try Model(try StoredModel(path: directory("pack")))
    var evaluation = TextEvaluation(
      [Array("In the beginning God created".utf8.map { Int($0) })], reference: reference,
      candidates: by.candidates(pack, in: reference), steps: [2, 4])
    try evaluation.advance(on: Workers())
    #expect(evaluation.isFinished)
    let coarse = by == .stage ? "core" : "mlp.fc"
    for place in 0..<2 {
      let divergences = Dictionary(
        uniqueKeysWithValues: evaluation.damages.map {
          ($0.name, $0.damage.byRecurrence[place].meanDivergence)
        })
      let largest = try #require(divergences[coarse])
      #expect(divergences.filter { $0.key != coarse }.allSatisfy { 10 * $0.value < largest })
    }
  }
}
