import HuginnModel
import TestSupport
import Testing

/// What stands in a config and plays no part.
struct UnknownKeyTests {
  @Test func `the release's config has nothing unknown`() {
    let (config, diagnostics) = HuginnConfig.parse(Array(ReleaseConfig.text.utf8))
    #expect(diagnostics == [])
    #expect(config?.embeddingSize == 5280)
  }

  @Test(arguments: ["checkpoints/huginn-nano", "checkpoints/huginn-tiny"])
  func `the configs of the fixtures have nothing unknown`(name: String) throws {
    let (config, diagnostics) = HuginnConfig.parse(try Fixtures.bytes("\(name)/config.json"))
    #expect(diagnostics == [])
    #expect(config != nil)
  }

  @Test func `an unknown key is information, whatever its value`() {
    for json in ["1", "true", "{\"n_embd\": 3}", "[]"] {
      let (config, diagnostics) = HuginnConfig.parse(
        ConfigText.smallest.setting("lora_rank", json).bytes)
      #expect(
        diagnostics == [
          Diagnostic(
            .configKeyUnknown, subject: "lora_rank",
            hint: "conversion ignores it; the whole file is copied into the pack")
        ])
      #expect(config?.embeddingSize == 12)
    }
  }

  @Test func `every unknown key is reported, in order, a misspelt one with the right spelling`() {
    let text = ConfigText.smallest.renaming("n_embd", to: "n_embed").setting("zeta", "1")
    let (config, diagnostics) = HuginnConfig.parse(text.bytes)
    #expect(config == nil)
    #expect(
      diagnostics.map { "\($0.code.rawValue) \($0.subject)" } == [
        "config-key-missing n_embd", "config-key-unknown n_embed", "config-key-unknown zeta",
      ])
  }

  @Test(arguments: ["N_EMBD", "n_embd ", ""])
  func `a key is known as it is spelt`(key: String) {
    let diagnostics = HuginnConfig.parse(ConfigText.smallest.setting(key, "12").bytes).diagnostics
    #expect(diagnostics.map(\.code) == [.configKeyUnknown])
    #expect(diagnostics.map(\.subject) == [key])
  }

  @Test func `noise in the forward pass is reported`() {
    let (config, diagnostics) = HuginnConfig.parse(
      ConfigText.smallest.setting("test_time_noise", "0.25").bytes)
    #expect(
      diagnostics == [
        Diagnostic(
          .configNoise, subject: "test_time_noise", found: "0.25",
          hint: "set it to 0 to run the model as it was evaluated")
      ])
    #expect(config != nil)
  }

  @Test(arguments: ["0", "0.0"])
  func `noise of zero is no noise`(json: String) {
    let text = ConfigText.smallest.setting("test_time_noise", json)
      .setting("test_time_noise_type", "\"fixed\"")
    #expect(HuginnConfig.parse(text.bytes).diagnostics == [])
  }

  @Test func `noise that is not a number is malformed`() {
    let text = ConfigText.smallest.setting("test_time_noise", "\"much\"")
    let (config, diagnostics) = HuginnConfig.parse(text.bytes)
    #expect(config == nil)
    #expect(diagnostics.map(\.code) == [.configMalformed])
    #expect(diagnostics.map(\.subject) == ["test_time_noise"])
  }
}
