import HuginnModel
import TestSupport
import Tensors
import Testing

struct WrapperPrefixTests {
  private let config: HuginnConfig
  private let tensors: [TensorDescription]

  init() throws {
    config = try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config)
    tensors = config.tensors.map {
      TensorDescription(name: $0.name, dtype: .f32, shape: $0.shape)
    }
  }

  private func renamed(
    _ tensors: [TensorDescription], _ rename: (String) -> String
  ) -> [TensorDescription] {
    tensors.map {
      TensorDescription(name: rename($0.name), dtype: $0.dtype, shape: $0.shape)
    }
  }

  private func finding(_ prefix: String, count: Int, of total: Int) -> Diagnostic {
    Diagnostic(
      .namePrefix, subject: prefix, expected: "names such as transformer.wte.weight",
      found: "\(count) of \(total) names begin with it",
      hint: "a training wrapper saved them: save model.state_dict() of the module inside, or "
        + "rename the tensors and write the shards and the index again")
  }

  @Test(arguments: [
    "_orig_mod.", "module.", "model.", "module._orig_mod.", "_orig_mod.module.model.",
    "module.module.",
  ])
  func `what wrappers put before every name is one finding, and an error`(prefix: String) {
    let findings = config.layoutDiagnostics(of: renamed(tensors) { prefix + $0 })
    #expect(findings == [finding(prefix, count: tensors.count, of: tensors.count)])
    #expect(findings.first?.severity == .error)
  }

  @Test func `names as they should be have no prefix`() {
    #expect(config.layoutDiagnostics(of: tensors) == [])
  }

  @Test func `under a prefix the layout is checked all the same`() {
    let kept = tensors.filter {
      !$0.name.hasPrefix("transformer.core_block.1.") && $0.name != "transformer.ln_f.weight"
    }
    let findings = config.layoutDiagnostics(of: renamed(kept) { "module." + $0 })
    #expect(
      findings.map { "\($0.code.rawValue) \($0.subject)" } == [
        "name-prefix module.", "layer-missing transformer.core_block.1",
        "tensor-missing transformer.ln_f.weight",
      ])
  }

  @Test func `what is explained is known by the wrapper's name`() {
    let findings = config.layoutDiagnostics(
      of: renamed(Array(tensors.dropFirst(2))) { "module." + $0 },
      absenceExplained: Set(tensors.prefix(2).map { "module." + $0.name }))
    #expect(findings.map(\.code) == [.namePrefix])
  }

  @Test func `names without it beside those with it are counted and kept`() {
    let others = [TensorDescription(name: "optimizer.step", dtype: .f32, shape: Shape(1))]
    let findings = config.layoutDiagnostics(of: others + renamed(tensors) { "module." + $0 })
    #expect(findings.first == finding("module.", count: tensors.count, of: tensors.count + 1))
    #expect(findings.dropFirst().map(\.code) == [.tensorUnexpected])
    #expect(findings.dropFirst().map(\.subject) == ["optimizer.step"])
  }

  @Test func `where some names fit as they are, nothing is taken off`() {
    let mixed = renamed(tensors) { name in
      name.hasPrefix("transformer.coda.0.mlp.fc.") ? "module." + name : name
    }
    #expect(
      config.layoutDiagnostics(of: mixed).map { "\($0.code.rawValue) \($0.subject)" } == [
        "tensor-missing transformer.coda.0.mlp.fc.weight",
        "tensor-unexpected module.transformer.coda.0.mlp.fc.weight",
      ])
  }

  @Test(arguments: ["wrapper.", "Module.", "module", "transformer.", "module.wrapper."])
  func `another prefix is not a wrapper's`(prefix: String) {
    let findings = config.layoutDiagnostics(of: renamed(tensors) { prefix + $0 })
    #expect(!findings.contains { $0.code == .namePrefix })
    #expect(findings.count { $0.code == .tensorUnexpected } == tensors.count)
  }
}
