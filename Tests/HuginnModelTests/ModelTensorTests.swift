import TestSupport
import Tensors
import Testing

@testable import HuginnModel

struct ModelTensorTests {
  /// The members of a layer, in order, with their shapes for ``ConfigText/smallest``.
  private static let members: [(String, Shape)] = [
    ("norm_1.weight", Shape(12)), ("attn.qk_bias", Shape(2, 1, 3, 4)),
    ("attn.Wqkv.weight", Shape(36, 12)), ("attn.proj.weight", Shape(12, 12)),
    ("norm_2.weight", Shape(12)), ("norm_3.weight", Shape(12)), ("mlp.fc.weight", Shape(40, 12)),
    ("mlp.proj.weight", Shape(12, 20)), ("norm_4.weight", Shape(12)),
  ]

  // MARK: - The whole model

  @Test func `the tensors are those of the stages in the order of the forward pass`() throws {
    let config = try ConfigText.smallest.config()
    func layer(_ prefix: String) -> [(String, Shape)] {
      Self.members.map { ("transformer.\(prefix).\($0.0)", $0.1) }
    }
    let expected =
      [("transformer.wte.weight", Shape(16, 12))] + layer("prelude.0")
      + [("transformer.adapter.weight", Shape(12, 24))] + layer("core_block.0")
      + layer("core_block.1") + layer("coda.0") + [("transformer.ln_f.weight", Shape(12))]
    #expect(config.tensors.map(\.name) == expected.map(\.0))
    #expect(config.tensors.map(\.shape) == expected.map(\.1))
  }

  @Test func `the released model has 75 tensors of 3,564,976,800 parameters`() throws {
    let config = try ConfigText.release.config()
    #expect(config.tensors.count == 75)
    #expect(config.tensors.reduce(0) { $0 + $1.shape.elementCount } == 3_564_976_800)
    let layer = config.tensors(of: .core).filter { $0.layer == 3 }
    #expect(layer.reduce(0) { $0 + $1.shape.elementCount } == 395_398_080)
  }

  @Test(arguments: ["huginn-nano", "huginn-tiny"])
  func `a fixture has 75 tensors of its parameters`(name: String) throws {
    let bytes = try Fixtures.bytes("checkpoints/\(name)/config.json")
    let config = try #require(HuginnConfig.parse(bytes).config)
    #expect(config.tensors.count == 75)
    let count = config.tensors.reduce(0) { $0 + $1.shape.elementCount }
    #expect(count == (name == "huginn-nano" ? 711_264 : 2_762_400))
  }

  @Test(arguments: [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 4, 2), (4, 6, 4), (11, 3, 12)])
  func `any depth has its layers`(prelude: Int, core: Int, coda: Int) throws {
    let config = try ConfigText.smallest.setting("n_layers_in_prelude", "\(prelude)")
      .setting("n_layers_in_recurrent_block", "\(core)").setting("n_layers_in_coda", "\(coda)")
      .config()
    #expect(config.tensors.count == 3 + 9 * (prelude + core + coda))
    for (stage, count) in [(Stage.prelude, prelude), (.core, core), (.coda, coda)] {
      let layers = config.tensors(of: stage).compactMap(\.layer)
      #expect(layers == (0..<count).flatMap { [Int](repeating: $0, count: 9) })
    }
    #expect(Set(config.tensors.map(\.name)).count == config.tensors.count)
  }

  @Test(arguments: [(2, 1, 3, 4), (6, 3, 5, 7), (64, 4, 96, 1000)])
  func `any width gives its shapes`(width: Int, heads: Int, inner: Int, rows: Int) throws {
    let config = try ConfigText.smallest.setting("n_embd", "\(width)")
      .setting("n_heads", "\(heads)").setting("intermediate_size", "\(inner)")
      .setting("vocab_size", "\(rows - 1)").setting("padded_vocab_size", "\(rows)")
      .setting("block_size", "9").config()
    let shapes = Dictionary(uniqueKeysWithValues: config.tensors.map { ($0.name, $0.shape) })
    #expect(shapes["transformer.wte.weight"] == Shape(rows, width))
    #expect(shapes["transformer.adapter.weight"] == Shape(width, 2 * width))
    #expect(shapes["transformer.coda.0.attn.Wqkv.weight"] == Shape(3 * width, width))
    #expect(shapes["transformer.coda.0.attn.qk_bias"] == Shape(2, 1, heads, width / heads))
    #expect(shapes["transformer.coda.0.mlp.fc.weight"] == Shape(2 * inner, width))
    #expect(shapes["transformer.coda.0.mlp.proj.weight"] == Shape(width, inner))
    #expect(config.rotaryTableShape == Shape(1, 9, 1, width / heads / 2, 2))
  }

  // MARK: - Kinds, units and options

  @Test func `matrices have two dimensions, everything else is a vector`() throws {
    for tensor in try ConfigText.smallest.setting("bias", "true").config().tensors {
      #expect((tensor.kind == .matrix) == (tensor.shape.rank == 2), "\(tensor.name)")
    }
    let matrices = try ConfigText.smallest.config().tensors.filter { $0.kind == .matrix }
    #expect(matrices.count == 2 + 4 * 4)
  }

  @Test func `a unit begins with a layer, the adapter, an end norm, the embedding and a head`()
    throws
  {
    let config = try ConfigText.smallest.setting("tie_embeddings", "false")
      .setting("bias", "true").config()
    #expect(
      config.tensors.filter(\.beginsUnit).map(\.name) == [
        "transformer.wte.weight", "transformer.prelude.0.norm_1.weight",
        "transformer.adapter.weight", "transformer.core_block.0.norm_1.weight",
        "transformer.core_block.1.norm_1.weight", "transformer.coda.0.norm_1.weight",
        "transformer.ln_f.weight", "lm_head.weight",
      ])
  }

  @Test func `without tying the head is the coda's last tensor`() throws {
    let config = try ConfigText.smallest.setting("tie_embeddings", "false").config()
    let head = try #require(config.tensors.last)
    #expect(
      head
        == ModelTensor(
          name: "lm_head.weight", stage: .coda, layer: nil, shape: Shape(16, 12), kind: .matrix,
          beginsUnit: true))
    #expect(try config.tensors.count == ConfigText.smallest.config().tensors.count + 1)
  }

  @Test func `a bias is the adapter's, right after its weight`() throws {
    let config = try ConfigText.smallest.setting("bias", "true").config()
    let core = config.tensors(of: .core)
    #expect(
      core[1]
        == ModelTensor(
          name: "transformer.adapter.bias", stage: .core, layer: nil, shape: Shape(12),
          kind: .vector, beginsUnit: false))
    #expect(core.filter { $0.name.hasSuffix(".bias") }.count == 1)
  }

  @Test func `without qk_bias a layer has eight tensors`() throws {
    let config = try ConfigText.smallest.setting("qk_bias", "false").config()
    #expect(config.tensors.count == 3 + 8 * 4)
    #expect(!config.tensors.contains { $0.name.contains("qk_bias") })
  }
}
