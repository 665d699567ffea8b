import HuginnModel
import TestSupport
import Testing

/// Names as wrappers save them: found by comparing, not by a list.
struct TensorRenamingTests {
  private let config: HuginnConfig
  private let names: [String]

  init() throws {
    config = try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config)
    names = config.tensors.map(\.name)
  }

  /// Wrappers by what they do to a name.
  static let wrappers: [(what: String, wrap: @Sendable (String) -> String, parts: [String])] = [
    ("compiled", { "_orig_mod." + $0 }, ["_orig_mod"]),
    ("DeepSpeed", { "module." + $0 }, ["module"]),
    ("Lightning", { "model." + $0 }, ["model"]),
    ("PEFT", { "base_model.model." + $0 }, ["base_model.model"]),
    (
      "PEFT, around modules",
      { "base_model.model." + $0.replacing(".weight", with: ".base_layer.weight") },
      ["base_layer", "base_model.model"]
    ),
    (
      "FSDP", { $0.replacing(".core_block.", with: ".core_block._fsdp_wrapped_module.") },
      ["_fsdp_wrapped_module"]
    ),
    (
      "compiled regions",
      { name in
        name.hasPrefix("transformer.core_block.0.")
          ? name.replacing("core_block.0.", with: "core_block.0._orig_mod.") : name
      }, ["_orig_mod"]
    ),
    ("nested", { "module.module._orig_mod." + $0 }, ["module.module._orig_mod"]),
    ("its own outer name", { "transformer." + $0 }, ["transformer"]),
    ("one that nobody listed", { "student.net2." + $0 + ".data" }, ["data", "student.net2"]),
    ("inside a component", { "ema/" + $0 + "_orig" }, ["_orig", "ema/"]),
  ]

  @Test(arguments: wrappers.indices)
  func `a renaming is found whatever the wrapper is called`(index: Int) throws {
    let (_, wrap, parts) = Self.wrappers[index]
    for stored in [names, names + ["lm_head.weight", "freqs_cis"]] {
      let renaming = try #require(config.renaming(of: Set(stored.map(wrap))))
      #expect(renaming.isTotal)
      #expect(renaming.parts == parts)
      for name in stored { #expect(renaming.names[wrap(name)] == name) }
    }
  }

  @Test func `the model's own names need no renaming, even if some are missing`() {
    #expect(config.renaming(of: Set(names)) == nil)
    #expect(config.renaming(of: Set(names.dropFirst(3))) == nil)
    #expect(config.renaming(of: Set(names + ["optimizer.step"])) == nil)
  }

  @Test func `what does not map, and what nothing maps to, is named`() throws {
    let stored = names.dropFirst().map { "module." + $0 } + ["module.optimizer.step"]
    let renaming = try #require(config.renaming(of: Set(stored)))
    #expect(!renaming.isTotal)
    #expect(renaming.unmapped == ["module.optimizer.step"])
    #expect(renaming.missing == ["transformer.wte.weight"])
    #expect(renaming.names.count == names.count - 1)
  }

  @Test func `two names for one tensor match neither`() throws {
    let stored = names.map { "model." + $0 } + ["ema.\(names[0])"]
    let renaming = try #require(config.renaming(of: Set(stored)))
    #expect(renaming.unmapped == ["ema.\(names[0])", "model.\(names[0])"])
    #expect(renaming.missing == [names[0]])
  }

  @Test func `a name that could be one of two layers is neither's`() throws {
    let stored = names.map { $0.replacing("core_block.0.", with: "core_block.1.0.") }
    #expect(config.renaming(of: Set(stored))?.isTotal != true)
  }

  @Test func `parts that differ from name to name are not a wrapper's`() throws {
    let stored = names.enumerated().map { "w\($0.offset).\($0.element)" }
    #expect(try #require(config.renaming(of: Set(stored))).isTotal == false)
  }

  @Test func `names of another model are reported as such`() throws {
    let others = (0..<40).map { "model.layers.\($0).self_attn.q_proj.weight" }
    let renaming = try #require(config.renaming(of: Set(others)))
    #expect(renaming.names.isEmpty && renaming.unmapped.count == 40)
  }

  @Test func `hostile names end`() throws {
    let deep = String(repeating: "transformer.core_block.0.", count: 5000) + "x"
    let many = (0..<20_000).map { "a\($0)" } + [deep]
    #expect(try #require(config.renaming(of: Set(many))).names.isEmpty)
  }
}
