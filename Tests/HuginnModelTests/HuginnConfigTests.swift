import TestSupport
import Testing

@testable import HuginnModel

struct HuginnConfigTests {
  // MARK: - The fixtures and the release

  @Test func `the configs of the fixtures are read`() throws {
    let nano = try #require(
      HuginnConfig.parse(try Fixtures.bytes("checkpoints/huginn-nano/config.json")).config)
    let tiny = try #require(
      HuginnConfig.parse(try Fixtures.bytes("checkpoints/huginn-tiny/config.json")).config)
    #expect(
      nano
        == HuginnConfig(
          embeddingSize: 96, headCount: 3, keyValueHeadCount: 3, headSize: 32,
          intermediateSize: 160, vocabularySize: 256, paddedVocabularySize: 256,
          contextLength: 128, ropeBase: 50000, normEpsilon: 1e-6, hasQKBias: true, hasBias: false,
          tiesEmbeddings: true, preludeLayerCount: 2, coreLayerCount: 4, codaLayerCount: 2,
          meanRecurrence: 32))
    #expect(
      tiny
        == HuginnConfig(
          embeddingSize: 160, headCount: 5, keyValueHeadCount: 5, headSize: 32,
          intermediateSize: 480, vocabularySize: 256, paddedVocabularySize: 256,
          contextLength: 256, ropeBase: 50000, normEpsilon: 1e-6, hasQKBias: true, hasBias: false,
          tiesEmbeddings: true, preludeLayerCount: 2, coreLayerCount: 4, codaLayerCount: 2,
          meanRecurrence: 8))
  }

  @Test func `the release's derived numbers are those of the reference`() throws {
    let config = try ConfigText.release.config()
    #expect(abs(config.embeddingScale - 72.6636084983398) < 1e-12)
    #expect(abs(config.stateStandardDeviation - 0.00870388279778) < 1e-12)
    #expect(config.layerCount(of: .embedding) == 0)
    #expect(Stage.allCases.map { config.layerCount(of: $0) } == [0, 2, 4, 2])
  }

  // MARK: - Defaults and spellings

  @Test func `keys with a default may be absent`() throws {
    var release = ConfigText.release
    for key in [
      "num_key_value_heads", "head_dim", "padded_vocab_size", "qk_bias", "bias", "tie_embeddings",
      "rope_base", "norm_eps", "block_size", "mean_recurrence", "n_layers", "block_class_name",
      "injection_type", "mlp_class_name", "nonlin_name", "norm_class_name",
    ] {
      release = release.removing(key)
      #expect(try release.config() == ConfigText.release.config(), "without \(key)")
    }
    #expect(release.members.count == 7)
  }

  @Test func `a value in the file wins over the default`() throws {
    let config = try ConfigText.smallest
      .setting("padded_vocab_size", "24").setting("qk_bias", "false").setting("bias", "true")
      .setting("tie_embeddings", "false").setting("rope_base", "10000")
      .setting("norm_eps", "1e-5").setting("mean_recurrence", "4").config()
    #expect(config.paddedVocabularySize == 24)
    #expect(config.vocabularySize == 16)
    #expect(!config.hasQKBias)
    #expect(config.hasBias)
    #expect(!config.tiesEmbeddings)
    #expect(config.ropeBase == 10000)
    #expect(config.normEpsilon == 1e-5)
    #expect(config.meanRecurrence == 4)
    #expect(config.contextLength == 6)
  }

  @Test(arguments: [
    ("n_embd", "hidden_size"), ("n_heads", "num_attention_heads"),
    ("n_layers", "num_hidden_layers"), ("tie_embeddings", "tie_word_embeddings"),
  ])
  func `the other spelling of a key means the same`(key: String, other: String) throws {
    let text = ConfigText.release.setting("tie_embeddings", "false")
    let config = try text.config()
    #expect(try text.renaming(key, to: other).config() == config)
    let value = try #require(text.members[key])
    #expect(try text.setting(other, value).config() == config, "both, and equal")
  }

  @Test func `the config that the reference repository writes is read, too`() throws {
    // Its spellings, and none of the derived keys.
    let config = try ConfigText.release
      .renaming("n_heads", to: "num_attention_heads").renaming("n_embd", to: "hidden_size")
      .removing("head_dim").removing("n_layers").removing("rope_base")
      .removing("padded_vocab_size").config()
    #expect(try config == ConfigText.release.config())
  }

  @Test func `stages may have no layers, or very many`() throws {
    let config = try ConfigText.smallest.setting("n_layers_in_prelude", "0")
      .setting("n_layers_in_coda", "4096").config()
    #expect(config.preludeLayerCount == 0)
    #expect(config.codaLayerCount == 4096)
  }

  @Test(arguments: [
    ("model_max_length", "1000000000000000019884624838656"), ("eos_token_id", "null"),
    ("auto_map", #"{"AutoConfig":"a.B"}"#), ("architectures", "[]"),
    ("model_type", #""huginn_raven""#), ("test_time_noise", "0.5"),
  ])
  func `other keys of the file do not concern the config`(key: String, value: String) throws {
    let (config, diagnostics) = HuginnConfig.parse(
      ConfigText.smallest.setting(key, value).bytes)
    #expect(try config == ConfigText.smallest.config())
    #expect(diagnostics.allSatisfy { $0.severity == .information })
  }
}
