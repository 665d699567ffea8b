import HuginnModel
import TestSupport
import Testing

struct RetrofittedRelativeTests {
  private let huginn: Set<String>

  init() throws {
    let config = try #require(HuginnConfig.parse(ConfigText.release.bytes).config)
    huginn = Set(config.tensors.map(\.name) + ["freqs_cis", "lm_head.weight"])
  }

  private func finding(_ found: String) -> Diagnostic {
    Diagnostic(
      .retrofittedRelative, subject: "config.json", expected: "the layout of Huginn-0125",
      found: found,
      hint:
        "this is a model of another family, made recurrent after training; muninn cannot convert it"
    )
  }

  /// Huginn's names without those that end so.
  private func huginn(without suffixes: String...) -> Set<String> {
    huginn.filter { name in !suffixes.contains { name.hasSuffix($0) } }
  }

  private let llama = ConfigText([
    "model_type": "\"huginn_raven\"", "n_embd": "2048", "n_heads": "32",
    "num_key_value_heads": "8", "tie_embeddings": "false",
  ])

  private var llamaNames: Set<String> {
    huginn(without: "norm_3.weight", "norm_4.weight", "qk_bias", "freqs_cis")
  }

  @Test func `a recurrent Llama is reported with every difference`() {
    #expect(
      RetrofittedRelative.diagnostic(config: llama.bytes, names: llamaNames)
        == finding(
          "grouped-query heads 32/8; 2 norms a layer, expected 4; no qk_bias; an untied head; "
            + "no freqs_cis"))
  }

  @Test func `the other spellings of its config are read as well`() {
    let text = llama.renaming("n_heads", to: "num_attention_heads")
      .renaming("tie_embeddings", to: "tie_word_embeddings")
    #expect(
      RetrofittedRelative.diagnostic(config: text.bytes, names: llamaNames)
        == RetrofittedRelative.diagnostic(config: llama.bytes, names: llamaNames))
  }

  @Test(arguments: ["q_norm", "k_norm"])
  func `a recurrent OLMo is recognized by its norms of queries and keys`(norm: String) {
    let text = ConfigText(["n_heads": "16", "num_key_value_heads": "16"])
    let names = huginn(without: "freqs_cis", "lm_head.weight")
      .union(["transformer.prelude.0.attn.\(norm).weight"])
    #expect(
      RetrofittedRelative.diagnostic(config: text.bytes, names: names)
        == finding("norms of queries and keys; no freqs_cis"))
  }

  @Test func `two norms a layer are enough`() {
    let names = huginn(without: "norm_3.weight", "norm_4.weight")
    #expect(
      RetrofittedRelative.diagnostic(config: ConfigText.release.bytes, names: names)
        == finding("2 norms a layer, expected 4"))
  }

  @Test func `Huginn is not one, with or without its stored copies`() {
    let bytes = ConfigText.release.bytes
    #expect(RetrofittedRelative.diagnostic(config: bytes, names: huginn) == nil)
    let names = huginn(without: "freqs_cis", "lm_head.weight", "qk_bias")
    #expect(RetrofittedRelative.diagnostic(config: bytes, names: names) == nil)
    let untied = ConfigText.release.setting("tie_embeddings", "false")
    #expect(RetrofittedRelative.diagnostic(config: untied.bytes, names: huginn) == nil)
  }

  @Test func `a Huginn that lost one norm, or all of one kind, is not one`() {
    let bytes = ConfigText.release.bytes
    for lost in ["core_block.1.norm_3.weight", "norm_3.weight", "norm_4.weight"] {
      let names = huginn(without: lost)
      #expect(names != huginn)
      #expect(RetrofittedRelative.diagnostic(config: bytes, names: names) == nil, "\(lost)")
    }
  }

  @Test func `norms are not mentioned if no layer was found`() {
    let bytes = ConfigText.release.bytes
    #expect(RetrofittedRelative.diagnostic(config: bytes, names: []) == nil)
    #expect(RetrofittedRelative.diagnostic(config: bytes, names: ["lm_head.weight"]) == nil)
  }

  @Test(arguments: ["", "[]", "{", "{\"n_heads\":\"32\",\"num_key_value_heads\":8}"])
  func `a config that cannot be read tells nothing`(text: String) {
    #expect(RetrofittedRelative.diagnostic(config: Array(text.utf8), names: huginn) == nil)
  }
}
