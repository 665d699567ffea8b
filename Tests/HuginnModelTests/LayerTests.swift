import HuginnModel
import TestSupport
import Tensors
import Testing

struct LayerTests {
  private let config: HuginnConfig

  init() throws {
    let text = ConfigText.smallest.setting("n_layers_in_recurrent_block", "4")
      .setting("n_layers_in_coda", "2")
    config = try #require(HuginnConfig.parse(text.bytes).config)
  }

  /// The findings about the layout without the tensors of these prefixes.
  private func findings(
    without prefixes: [String], absenceExplained explained: Set<String> = []
  ) -> [Diagnostic] {
    let tensors = config.tensors.filter { tensor in
      !prefixes.contains { tensor.name.hasPrefix($0) }
    }
    return config.layoutDiagnostics(
      of: tensors.map { TensorDescription(name: $0.name, dtype: .f32, shape: $0.shape) },
      absenceExplained: explained)
  }

  private let gap =
    "layers must be numbered without gaps: the checkpoint is incomplete, or layers were removed"
  private let end =
    "the checkpoint is incomplete, or the config counts more layers than the weights have"

  @Test func `a missing layer in the middle is a gap, reported once for all its tensors`() {
    let findings = findings(without: ["transformer.core_block.2."])
    #expect(
      findings == [
        Diagnostic(
          .layerMissing, subject: "transformer.core_block.2", expected: "4 layers in the core",
          found: "layers 0, 1, 3", hint: gap)
      ])
    #expect(findings.first?.stage == .core)
    #expect(findings.first?.layer == 2)
  }

  @Test func `the first layer is a gap as well`() {
    #expect(
      findings(without: ["transformer.coda.0."]) == [
        Diagnostic(
          .layerMissing, subject: "transformer.coda.0", expected: "2 layers in the coda",
          found: "layers 1", hint: gap)
      ])
  }

  @Test func `a missing layer at the end is not a gap`() {
    #expect(
      findings(without: ["transformer.core_block.3."]) == [
        Diagnostic(
          .layerMissing, subject: "transformer.core_block.3", expected: "4 layers in the core",
          found: "layers 0, 1, 2", hint: end)
      ])
  }

  @Test func `a stage without layers is reported layer by layer`() {
    #expect(
      findings(without: ["transformer.coda."])
        == (0..<2).map {
          Diagnostic(
            .layerMissing, subject: "transformer.coda.\($0)", expected: "2 layers in the coda",
            found: "none", hint: end)
        })
  }

  @Test func `layers come in the order of the model, before single tensors`() {
    let findings = findings(without: [
      "transformer.coda.1.", "transformer.prelude.0.", "transformer.wte.",
      "transformer.core_block.0.norm_1.", "transformer.core_block.1.",
    ])
    #expect(
      findings.map { "\($0.code.rawValue) \($0.subject)" } == [
        "layer-missing transformer.prelude.0", "layer-missing transformer.core_block.1",
        "layer-missing transformer.coda.1", "tensor-missing transformer.wte.weight",
        "tensor-missing transformer.core_block.0.norm_1.weight",
      ])
  }

  @Test func `each missing tensor of an incomplete layer is named`() {
    let lost = config.tensors.map(\.name).filter {
      $0.hasPrefix("transformer.core_block.1.") && !$0.hasSuffix("norm_4.weight")
    }
    let findings = findings(without: lost)
    #expect(lost.count == 8)
    #expect(findings.map(\.subject) == lost)
    #expect(
      findings.map(\.code)
        == lost.map { $0.hasSuffix("qk_bias") ? .qkBiasMissing : .tensorMissing })
  }

  @Test func `what is missing for a known reason makes no layer missing`() {
    let lost = config.tensors.map(\.name).filter { $0.hasPrefix("transformer.coda.1.") }
    #expect(findings(without: lost, absenceExplained: Set(lost)) == [])
    let rest = findings(without: lost, absenceExplained: Set(lost.dropFirst()))
    #expect(rest.map(\.code) == [.tensorMissing])
    #expect(rest.map(\.subject) == ["transformer.coda.1.norm_1.weight"])
  }

  @Test func `only the first of many layers are named`() throws {
    let text = ConfigText.smallest.setting("n_layers_in_recurrent_block", "11")
    let config = try #require(HuginnConfig.parse(text.bytes).config)
    let tensors = config.tensors.filter { !$0.name.hasPrefix("transformer.core_block.10.") }
    let findings = config.layoutDiagnostics(
      of: tensors.map { TensorDescription(name: $0.name, dtype: .f32, shape: $0.shape) })
    #expect(findings.map(\.found) == ["layers 0, 1, 2, 3, 4, 5, 6, 7, …"])
  }
}
