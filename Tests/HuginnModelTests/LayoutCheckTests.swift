import HuginnModel
import TestSupport
import Tensors
import Testing

struct LayoutCheckTests {
  /// A list of tensors that a config's layout fits, to be damaged.
  private struct Listing {
    var config: HuginnConfig
    var tensors: [TensorDescription]

    init(_ text: ConfigText = .smallest, dtype: DType = .f32) throws {
      config = try text.config()
      tensors = config.tensors.map {
        TensorDescription(name: $0.name, dtype: dtype, shape: $0.shape)
      }
    }

    mutating func remove(_ name: String) {
      tensors.removeAll { $0.name == name }
    }

    mutating func set(_ name: String, dtype: DType = .f32, _ dimensions: UInt64...) throws {
      remove(name)
      tensors.append(TensorDescription(name: name, dtype: dtype, shape: try Shape(dimensions)))
    }

    func findings(absenceExplained: Set<String> = []) -> [Diagnostic] {
      config.layoutDiagnostics(of: tensors, absenceExplained: absenceExplained)
    }
  }

  private let damaged =
    "the config and the weights are from different models, or the file was changed"

  // MARK: - What fits

  @Test(arguments: [DType.f32, .f16, .bf16])
  func `a listing of the layout has no finding`(dtype: DType) throws {
    #expect(try Listing(dtype: dtype).findings() == [])
    #expect(try Listing(.release, dtype: dtype).findings() == [])
  }

  @Test func `the order of the listing means nothing`() throws {
    var listing = try Listing()
    listing.tensors.reverse()
    #expect(listing.findings() == [])
  }

  @Test func `a tied head and the rotary table may be stored`() throws {
    var listing = try Listing()
    try listing.set("lm_head.weight", 16, 12)
    try listing.set("freqs_cis", dtype: .bf16, 1, 6, 1, 2, 2)
    #expect(listing.findings() == [])
  }

  // MARK: - One finding each

  @Test func `a tensor that is missing is named with its shape`() throws {
    var listing = try Listing()
    listing.remove("transformer.core_block.1.mlp.fc.weight")
    let findings = listing.findings()
    #expect(
      findings == [
        Diagnostic(
          .tensorMissing, subject: "transformer.core_block.1.mlp.fc.weight",
          expected: "[40, 12]", found: "nothing",
          hint: "the checkpoint is incomplete: download it again")
      ])
    #expect(findings.first?.stage == .core)
    #expect(findings.first?.layer == 1)
  }

  @Test func `what is missing for a known reason is not reported again`() throws {
    var listing = try Listing()
    listing.remove("transformer.ln_f.weight")
    listing.remove("transformer.wte.weight")
    let findings = listing.findings(absenceExplained: ["transformer.ln_f.weight"])
    #expect(findings.map(\.subject) == ["transformer.wte.weight"])
  }

  @Test func `an unexpected tensor is reported with the nearest name of the model`() throws {
    var listing = try Listing()
    try listing.set("transformer.coda.0.attn.q_norm.weight", dtype: .bf16, 4)
    #expect(
      listing.findings() == [
        Diagnostic(
          .tensorUnexpected, subject: "transformer.coda.0.attn.q_norm.weight",
          expected: "nothing", found: "BF16 [4]",
          hint: "the nearest name that the model has is transformer.coda.0.attn.proj.weight")
      ])
  }

  @Test func `an unexpected tensor that resembles none of the model is reported as such`() throws {
    var listing = try Listing()
    try listing.set("optimizer.state", 1)
    #expect(listing.findings().map(\.hint) == ["no similar name of the model was found"])
  }

  @Test func `a wrong shape is named with the right one`() throws {
    var listing = try Listing()
    try listing.set("transformer.prelude.0.mlp.proj.weight", 12, 21)
    #expect(
      listing.findings() == [
        Diagnostic(
          .tensorShape, subject: "transformer.prelude.0.mlp.proj.weight",
          expected: "[12, 20]", found: "[12, 21]", hint: damaged)
      ])
  }

  @Test func `a transposed matrix is recognised`() throws {
    var listing = try Listing()
    try listing.set("transformer.prelude.0.mlp.proj.weight", 20, 12)
    #expect(
      listing.findings().map(\.hint)
        == ["it is transposed: rows are output features here, as in PyTorch"])
    try listing.set("transformer.prelude.0.mlp.proj.weight", 12, 20)
    try listing.set("transformer.prelude.0.attn.qk_bias", 4, 3, 1, 2)
    #expect(listing.findings().map(\.hint) == [damaged], "only matrices are transposed")
  }

  @Test(arguments: DType.allCases.filter { ![.f32, .f16, .bf16].contains($0) })
  func `a dtype that is not converted is refused`(dtype: DType) throws {
    var listing = try Listing()
    try listing.set("transformer.ln_f.weight", dtype: dtype, 12)
    #expect(
      listing.findings() == [
        Diagnostic(
          .tensorDType, subject: "transformer.ln_f.weight", expected: "one of F32, F16, BF16",
          found: dtype.rawValue,
          hint: "convert from the float checkpoint, not from a quantized one")
      ])
  }

  @Test(arguments: [
    ("transformer.prelude.1.norm_1.weight", "1 layers in the prelude", "layer number 1"),
    ("transformer.core_block.2.attn.qk_bias", "2 layers in the core", "layer number 2"),
    ("transformer.coda.900.anything", "1 layers in the coda", "layer number 900"),
  ])
  func `a layer that its stage does not have is named`(
    name: String, expected: String, found: String
  ) throws {
    var listing = try Listing()
    try listing.set(name, 12)
    #expect(
      listing.findings() == [
        Diagnostic(
          .layerOutsideStage, subject: name, expected: expected, found: found,
          hint: "the config counts fewer layers than the weights have")
      ])
  }

  @Test func `a bias of queries and keys is present if the config says so`() throws {
    let name = "transformer.coda.0.attn.qk_bias"
    var listing = try Listing()
    listing.remove(name)
    #expect(
      listing.findings() == [
        Diagnostic(
          .qkBiasMissing, subject: name, expected: "[2, 1, 3, 4]", found: "nothing",
          hint: "set qk_bias in config.json to match the weights")
      ])

    var without = try Listing(ConfigText.smallest.setting("qk_bias", "false"))
    try without.set(name, 2, 1, 3, 4)
    #expect(
      without.findings() == [
        Diagnostic(
          .qkBiasUnexpected, subject: name, expected: "nothing", found: "[2, 1, 3, 4]",
          hint: "set qk_bias in config.json to match the weights")
      ])
  }

  @Test func `a head that is not tied must be there`() throws {
    var listing = try Listing(ConfigText.smallest.setting("tie_embeddings", "false"))
    #expect(listing.findings() == [])
    listing.remove("lm_head.weight")
    #expect(
      listing.findings() == [
        Diagnostic(
          .headMissing, subject: "lm_head.weight", expected: "[16, 12]", found: "nothing",
          hint: "set tie_embeddings to true if the embedding is the head")
      ])
  }

  @Test func `an adapter bias is present if the config says so`() throws {
    let name = "transformer.adapter.bias"
    var with = try Listing(ConfigText.smallest.setting("bias", "true"))
    with.remove(name)
    #expect(with.findings().map(\.code) == [.tensorMissing])
    #expect(with.findings().map(\.expected) == ["[12]"])

    var without = try Listing()
    try without.set(name, 12)
    #expect(without.findings().map(\.code) == [.tensorUnexpected])
    #expect(
      without.findings().map(\.hint)
        == ["the nearest name that the model has is transformer.adapter.weight"])
  }

  @Test func `stored copies are checked as what they are copies of`() throws {
    var listing = try Listing()
    try listing.set("lm_head.weight", 12, 16)
    try listing.set("freqs_cis", dtype: .i32, 1, 6, 1, 3, 2)
    let findings = listing.findings()
    #expect(findings.map(\.code) == [.tensorShape, .tensorDType, .tensorShape])
    #expect(findings.map(\.subject) == ["freqs_cis", "freqs_cis", "lm_head.weight"])
    #expect(findings.map(\.expected) == ["[1, 6, 1, 2, 2]", "one of F32, F16, BF16", "[16, 12]"])
  }

  // MARK: - Many

  @Test func `one run reports all problems, the model's first and then the list's`() throws {
    var listing = try Listing()
    listing.remove("transformer.wte.weight")
    listing.remove("transformer.coda.0.attn.qk_bias")
    try listing.set("transformer.prelude.0.norm_1.weight", dtype: .i8, 13)
    try listing.set("z", 1)
    try listing.set("transformer.core_block.7.norm_1.weight", 12)
    #expect(
      listing.findings().map { "\($0.code.rawValue) \($0.subject)" } == [
        "tensor-missing transformer.wte.weight",
        "tensor-shape transformer.prelude.0.norm_1.weight",
        "tensor-dtype transformer.prelude.0.norm_1.weight",
        "qk-bias-missing transformer.coda.0.attn.qk_bias",
        "tensor-unexpected z",
        "layer-outside-stage transformer.core_block.7.norm_1.weight",
      ])
  }

  @Test func `a retrofitted model is reported as a whole, not tensor by tensor`() throws {
    // Llama's layers: two norms, no bias of queries and keys, the head of its own.
    var listing = try Listing()
    for tensor in listing.tensors
    where tensor.name.contains("norm_3") || tensor.name.contains("norm_4")
      || tensor.name.contains("qk_bias")
    {
      listing.remove(tensor.name)
    }
    let findings = listing.findings()
    #expect(findings.filter { $0.code == .tensorMissing }.count == 8)
    #expect(findings.filter { $0.code == .qkBiasMissing }.count == 4)
    #expect(findings.count == 12)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hostile list of many names is reported in full, with hints for the first ones`() throws {
    var listing = try Listing()
    let shape = Shape(0)
    let hostile = (0..<300_000).map { number in
      TensorDescription(name: "transformer.wte.weight\(number)", dtype: .u8, shape: shape)
    }
    listing.tensors += hostile
    let findings = listing.findings()
    #expect(findings.count == hostile.count)
    let hints = findings.map { $0.hint.hasPrefix("the nearest name") }
    #expect(hints[0])
    #expect(hints.count { $0 } < 10_000)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hostile config of many layers costs no search for names`() throws {
    let config = try ConfigText.smallest.setting("n_layers_in_prelude", "4096").config()
    let tensors = (0..<4096).map { number in
      TensorDescription(
        name: "transformer.prelude.\(number).norm.weight", dtype: .f32, shape: Shape(1))
    }
    let findings = config.layoutDiagnostics(of: tensors)
    let hints = findings.filter { $0.code == .tensorUnexpected }.map(\.hint)
    #expect(hints.count == tensors.count)
    #expect(hints.count { $0.hasPrefix("the nearest name") } < 100)
  }
}
