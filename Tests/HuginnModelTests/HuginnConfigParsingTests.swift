import HuginnModel
import TestSupport
import Testing

struct HuginnConfigParsingTests {
  private let smallest = ConfigText.smallest

  private func malformed(_ key: String, _ found: String) -> Diagnostic {
    Diagnostic(
      .configMalformed, subject: key, found: found, hint: "take config.json from the release")
  }

  // MARK: - What is no config

  @Test(arguments: [
    ("", "the JSON ends at byte 0, inside a value"),
    (#"{"n_embd": 12"#, "the JSON ends at byte 13, inside a value"),
    (#"{"n_embd": 12} x"#, "byte 15 of the JSON is 'x', expected the end"),
    (#"{"a": 1, "a": 1}"#, "the key 'a' at byte 9 of the JSON occurs twice in its object"),
    ("<html>", "byte 0 of the JSON is '<', expected a value"),
  ])
  func `text that is not JSON is refused with its place`(text: String, found: String) {
    let (config, diagnostics) = HuginnConfig.parse(Array(text.utf8))
    #expect(config == nil)
    #expect(
      diagnostics == [
        Diagnostic(
          .configMalformed, subject: "config.json", found: found,
          hint: "download config.json again")
      ])
  }

  @Test func `a config is an object`() {
    let (config, diagnostics) = HuginnConfig.parse(Array("[]".utf8))
    #expect(config == nil)
    #expect(diagnostics.map(\.code) == [.configMalformed])
    #expect(diagnostics.first?.found == "'the document' is an array, expected an object")
  }

  @Test func `a config nested without end is refused and not followed`() {
    let text = #"{"a":"# + String(repeating: "[", count: 100_000)
    let (config, diagnostics) = HuginnConfig.parse(Array(text.utf8))
    #expect(config == nil)
    #expect(diagnostics.first?.found == "the JSON nests deeper than 64 levels at byte 68")
  }

  // MARK: - Missing and malformed members

  @Test(arguments: [
    "n_embd", "n_heads", "intermediate_size", "vocab_size", "n_layers_in_prelude",
    "n_layers_in_recurrent_block", "n_layers_in_coda",
  ])
  func `a size without default must be there`(key: String) {
    #expect(
      smallest.removing(key).faults() == [
        Diagnostic(
          .configKeyMissing, subject: key, expected: "an integer", found: "nothing",
          hint: "this size has no default: take config.json from the release")
      ])
  }

  @Test(arguments: [
    "n_embd", "n_heads", "num_key_value_heads", "head_dim", "intermediate_size", "vocab_size",
    "padded_vocab_size", "block_size", "mean_recurrence", "n_layers", "n_layers_in_prelude",
    "n_layers_in_recurrent_block", "n_layers_in_coda",
  ])
  func `a count is a non-negative integer`(key: String) {
    for (json, found) in [
      ("\"8\"", "a string"), ("8.5", "8.5"), ("-1", "-1"), ("[8]", "an array"),
      ("true", "true"), ("99999999999999999999", "1e+20"),
    ] {
      #expect(
        smallest.setting(key, json).faults()
          == [malformed(key, "'\(key)' is \(found), expected a non-negative integer")])
    }
  }

  @Test(arguments: [
    "n_embd", "n_heads", "num_key_value_heads", "head_dim", "intermediate_size", "vocab_size",
    "padded_vocab_size", "block_size", "mean_recurrence",
  ])
  func `a size is from 1 to 2²⁴`(key: String) {
    for value in [0, 16_777_217, Int.max] {
      #expect(
        smallest.setting(key, "\(value)").faults()
          == [malformed(key, "'\(key)' is \(value), expected an integer from 1 to 16777216")])
    }
  }

  @Test(arguments: ["n_layers_in_prelude", "n_layers_in_recurrent_block", "n_layers_in_coda"])
  func `a stage has at most 4096 layers`(key: String) {
    #expect(
      smallest.setting(key, "4097").faults()
        == [malformed(key, "'\(key)' is 4097, expected an integer from 0 to 4096")])
  }

  @Test(arguments: [
    ("rope_base", "from 1.0 to 1e+30", ["0", "0.5", "-1", "2e30"]),
    ("norm_eps", "from 1e-30 to 1.0", ["0", "-1e-6", "1e-31", "1.5"]),
  ])
  func `a real number is one that binary32 can work with`(
    key: String, range: String, values: [String]
  ) throws {
    for json in values {
      let number = try #require(Double(json))
      #expect(
        smallest.setting(key, json).faults()
          == [malformed(key, "'\(key)' is \(number), expected a number \(range)")])
    }
    #expect(
      smallest.setting(key, "\"1\"").faults()
        == [malformed(key, "'\(key)' is a string, expected a number")])
  }

  @Test(arguments: ["qk_bias", "bias", "tie_embeddings"])
  func `a flag is true or false`(key: String) {
    for (json, found) in [("1", "1"), ("\"true\"", "a string")] {
      #expect(
        smallest.setting(key, json).faults()
          == [malformed(key, "'\(key)' is \(found), expected true or false")])
    }
  }

  @Test func `a malformed member under the other spelling is named as it is written`() {
    #expect(
      smallest.renaming("n_embd", to: "hidden_size").setting("hidden_size", "\"12\"").faults()
        == [malformed("n_embd", "'hidden_size' is a string, expected a non-negative integer")])
  }

  // MARK: - Unsupported

  @Test(arguments: [
    ("block_class_name", "SandwichBlock"), ("injection_type", "linear"),
    ("mlp_class_name", "GatedMLP"), ("nonlin_name", "SiLU"), ("norm_class_name", "RMSNorm_llama"),
  ])
  func `a class other than the release's is refused by name`(key: String, expected: String) throws {
    #expect(
      smallest.setting(key, "\"Other\"").faults() == [
        Diagnostic(
          .configUnsupported, subject: key, expected: expected, found: "Other",
          hint: "muninn converts only the architecture of the release")
      ])
    #expect(
      smallest.setting(key, "7").faults()
        == [malformed(key, "'\(key)' is 7, expected a string")])
    #expect(try smallest.setting(key, "\"\(expected)\"").config() == smallest.config())
  }

  @Test func `grouped-query heads are refused`() {
    #expect(
      smallest.setting("num_key_value_heads", "1").faults() == [
        Diagnostic(
          .configUnsupported, subject: "num_key_value_heads", expected: "n_heads = 3", found: "1",
          hint: "the reference code does not run grouped-query heads; "
            + "this may be a retrofitted model")
      ])
  }

  @Test func `sizes whose tensors no machine holds are refused`() {
    let diagnostics = smallest.setting("n_embd", "16777212").setting("head_dim", "5592404").faults()
    #expect(
      diagnostics == [
        Diagnostic(
          .configUnsupported, subject: "n_embd",
          expected: "tensors of at most 1099511627776 elements",
          found: "one of 50331636 × 33554424",
          hint: "no model of this kind is that large")
      ])
  }

  // MARK: - Contradictions

  private func contradiction(_ text: ConfigText) -> Diagnostic? {
    let diagnostics = text.faults()
    #expect(diagnostics.count == 1)
    return diagnostics.first
  }

  @Test func `the heads fill the width`() {
    let finding = contradiction(smallest.setting("head_dim", "6"))
    #expect(
      finding
        == Diagnostic(
          .configContradiction, subject: "head_dim",
          expected: "n_heads × head_dim = n_embd = 12", found: "3 × 6 = 18",
          hint: "one of the three is wrong; compare with the shape of attn.qk_bias"))
  }

  @Test func `a width that the heads do not divide is refused though head_dim is absent`() {
    let finding = contradiction(smallest.setting("n_embd", "13"))
    #expect(finding?.subject == "head_dim")
    #expect(finding?.found == "3 × 4 = 12")
  }

  @Test func `the size of a head is even`() {
    #expect(
      contradiction(smallest.setting("n_heads", "4"))
        == Diagnostic(
          .configContradiction, subject: "head_dim", expected: "an even number", found: "3",
          hint: "rotary embedding rotates pairs of values"))
  }

  @Test func `the padded vocabulary holds the vocabulary`() {
    #expect(
      contradiction(smallest.setting("padded_vocab_size", "15"))
        == Diagnostic(
          .configContradiction, subject: "padded_vocab_size",
          expected: "at least vocab_size = 16", found: "15",
          hint: "it is the number of rows of transformer.wte.weight"))
  }

  @Test func `the number of layers is the sum of the stages'`() {
    #expect(
      contradiction(smallest.setting("n_layers", "5"))
        == Diagnostic(
          .configContradiction, subject: "n_layers", expected: "1 + 2 + 1 = 4", found: "5",
          hint: "it is the number of layers in the three stages, each counted once"))
    #expect(contradiction(smallest.setting("num_hidden_layers", "3"))?.found == "3")
  }

  @Test(arguments: [
    ("n_embd", "hidden_size", "12", "24"), ("n_heads", "num_attention_heads", "3", "6"),
    ("n_layers", "num_hidden_layers", "4", "5"),
    ("tie_embeddings", "tie_word_embeddings", "true", "false"),
  ])
  func `two spellings of one value agree`(key: String, other: String, value: String, second: String)
  {
    #expect(
      contradiction(smallest.setting(key, value).setting(other, second))
        == Diagnostic(
          .configContradiction, subject: key, expected: "\(other) = \(second)", found: value,
          hint: "the two keys are spellings of one value: remove the wrong one"))
  }

  // MARK: - All at once

  @Test func `one run reports all problems`() {
    let diagnostics = smallest.removing("n_heads").removing("vocab_size")
      .setting("qk_bias", "1").setting("norm_eps", "0").setting("nonlin_name", "\"GELU\"").faults()
    #expect(
      diagnostics.map { "\($0.code.rawValue) \($0.subject)" } == [
        "config-key-missing n_heads", "config-key-missing vocab_size",
        "config-malformed norm_eps", "config-malformed qk_bias", "config-unsupported nonlin_name",
      ])
    let contradictions = smallest.setting("num_key_value_heads", "2").setting("head_dim", "5")
      .setting("padded_vocab_size", "1").setting("n_layers", "9").faults()
    #expect(
      contradictions.map { "\($0.code.rawValue) \($0.subject)" } == [
        "config-unsupported num_key_value_heads", "config-contradiction head_dim",
        "config-contradiction head_dim", "config-contradiction padded_vocab_size",
        "config-contradiction n_layers",
      ])
  }

  @Test func `what Python writes is read: NaN where it plays no part, null for what is absent`()
    throws
  {
    let text = ConfigText.smallest.setting("x", "NaN").setting("y", "[Infinity, -Infinity]")
      .setting("rope_base", "null").setting("dtype", "\"bfloat16\"").setting("qk_bias", "null")
    let (config, diagnostics) = HuginnConfig.parse(text.bytes)
    #expect(config?.ropeBase == 50000 && config?.hasQKBias == true)
    #expect(
      diagnostics.map { "\($0.code.rawValue) \($0.subject)" } == [
        "config-key-unknown x", "config-key-unknown y",
      ])
    let (none, faults) = HuginnConfig.parse(ConfigText.smallest.setting("norm_eps", "NaN").bytes)
    #expect(none == nil && faults.map(\.subject) == ["norm_eps"])
    #expect(faults.first?.found == "'norm_eps' is NaN, expected a number")
    let missing = HuginnConfig.parse(ConfigText.smallest.setting("n_embd", "null").bytes)
    #expect(missing.diagnostics.map(\.code) == [.configKeyMissing])
    let marked = HuginnConfig.parse([0xEF, 0xBB, 0xBF] + ConfigText.smallest.bytes)
    #expect(marked.diagnostics.first?.found?.contains("byte order mark") == true)
  }
}
