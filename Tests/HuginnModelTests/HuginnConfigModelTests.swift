import HuginnModel
import StrictJSON
import TestSupport
import Testing

struct HuginnConfigModelTests {
  private func model(_ text: ConfigText = .smallest) throws -> [String: JSONValue] {
    guard case .object(let members) = try text.config().model else { return [:] }
    return members
  }

  /// The model with some members changed.
  private func changed(_ changes: [String: JSONValue?]) throws -> JSONValue {
    var members = try model()
    for (key, value) in changes { members[key] = value }
    return .object(members)
  }

  // MARK: - Round trip

  @Test(arguments: [
    ConfigText.smallest, .release,
    .smallest.setting("tie_embeddings", "false").setting("bias", "true"),
    .smallest.setting("qk_bias", "false").setting("padded_vocab_size", "99")
      .setting("rope_base", "1e4").setting("norm_eps", "1.5e-5").setting("mean_recurrence", "7"),
  ])
  func `what is written reads back`(text: ConfigText) throws {
    let config = try text.config()
    let bytes = config.model.canonicalBytes
    #expect(try HuginnConfig(model: try JSONValue(parsing: bytes)) == config)
  }

  @Test func `the model has every typed key and two derived numbers`() throws {
    #expect(
      String(decoding: try ConfigText.smallest.config().model.canonicalBytes, as: UTF8.self)
        == #"{"bias":false,"block_size":6,"embedding_scale":3.4641016151377544,"head_dim":4,"#
        + #""intermediate_size":20,"mean_recurrence":32,"n_embd":12,"n_heads":3,"#
        + #""n_layers_in_coda":1,"n_layers_in_prelude":1,"n_layers_in_recurrent_block":2,"#
        + #""norm_eps":0.000001,"num_key_value_heads":3,"padded_vocab_size":16,"qk_bias":true,"#
        + #""rope_base":50000,"state_std":0.18257418583505536,"tie_embeddings":true,"#
        + #""vocab_size":16}"#)
  }

  // MARK: - What is refused

  @Test func `a model is an object`() {
    let error = #expect(
      throws: ModelMemberError.json(
        .wrongKind(path: "model", expected: "an object", found: "an array"))
    ) {
      try HuginnConfig(model: [])
    }
    #expect(error?.description == "'model' is an array, expected an object")
  }

  @Test func `a member that is missing, malformed or at odds is named`() throws {
    let faults: [([String: JSONValue?], String)] = [
      (["n_embd": nil], "'n_embd' is missing from the config: found nothing"),
      (
        ["n_heads": "3"],
        "'n_heads' is malformed: "
          + "found 'model.n_heads' is a string, expected a non-negative integer"
      ),
      (["head_dim": 6], "'head_dim' contradicts the rest of the config: found 3 × 6 = 18"),
      (["num_key_value_heads": 1], "'num_key_value_heads' is not supported: found 1"),
    ]
    for (changes, sentence) in faults {
      let value = try changed(changes)
      let error = #expect(throws: ModelMemberError.self) { try HuginnConfig(model: value) }
      #expect(error?.description == sentence)
    }
  }

  @Test(
    arguments: [
      ["head_dim": nil], ["bias": nil], ["embedding_scale": nil], ["state_std": nil],
      ["extra": 1], ["n_layers": 4], ["embedding_scale": .number(3.5)],
      ["state_std": .number(0.18)],
      ["n_embd": nil, "hidden_size": 12], ["nonlin_name": "SiLU"],
    ] as [[String: JSONValue?]])
  func `a member that is missing though it has a default, unknown or wrongly derived is refused`(
    changes: [String: JSONValue?]
  ) throws {
    let value = try changed(changes)
    let error = #expect(throws: ModelMemberError.notNormalised) { try HuginnConfig(model: value) }
    #expect(
      error?.description
        == "a key is missing or unknown, or 'embedding_scale' or 'state_std' does not "
        + "follow from the sizes")
  }
}
