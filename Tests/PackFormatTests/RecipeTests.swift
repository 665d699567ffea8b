import HuginnModel
import PackFormat
import Quantization
import StrictJSON
import TestSupport
import Testing

struct RecipeTests {
  private func recipe(_ text: String) throws -> Recipe {
    try Recipe(try JSONValue(parsing: Array(text.utf8)))
  }

  private func encodings(_ recipe: Recipe) throws -> [String: Encoding] {
    let config = try Fixtures.nanoConfig()
    return Dictionary(
      uniqueKeysWithValues: config.tensors.map { ($0.name, recipe.encoding(of: $0)) })
  }

  @Test func `the last matching override wins, then the stage, then weights`() throws {
    let found = try encodings(
      Recipe(
        weights: .f16, stages: [.core: .int8Row],
        overrides: [
          Recipe.Override(pattern: GlobPattern("*.mlp.*"), encoding: .int8),
          Recipe.Override(pattern: GlobPattern("*core_block.1.mlp.fc*"), encoding: .bf16),
        ]))
    #expect(found["transformer.wte.weight"] == .f16)
    #expect(found["transformer.adapter.weight"] == .int8Row)
    #expect(found["transformer.core_block.0.attn.proj.weight"] == .int8Row)
    #expect(found["transformer.core_block.0.mlp.fc.weight"] == .int8)
    #expect(found["transformer.core_block.1.mlp.fc.weight"] == .bf16)
    #expect(found["transformer.core_block.1.mlp.proj.weight"] == .int8)
  }

  @Test func `vectors are f32 whatever an override says`() throws {
    let all = Recipe.Override(pattern: GlobPattern("*"), encoding: .int8)
    let found = try encodings(Recipe(overrides: [all]))
    #expect(found["transformer.ln_f.weight"] == .f32)
    #expect(found["transformer.prelude.0.attn.qk_bias"] == .f32)
    #expect(found["transformer.prelude.0.norm_1.weight"] == .f32)
  }

  @Test(arguments: [
    (#"{}"#, #"{"weights":"int8:32"}"#),
    (#"{"weights":"int8"}"#, #"{"weights":"int8:32"}"#),
    (
      #"{"weights":"f16","stages":{"prelude":"f16","core":"int8"}}"#,
      #"{"stages":{"core":"int8:32"},"weights":"f16"}"#
    ),
    (#"{"stages":{},"tensors":[]}"#, #"{"weights":"int8:32"}"#),
    (
      #"{"tensors":[{"pattern":"b*","encoding":"int8"},{"pattern":"a*","encoding":"f16"}]}"#,
      #"{"tensors":[{"encoding":"int8:32","pattern":"b*"},"#
        + #"{"encoding":"f16","pattern":"a*"}],"weights":"int8:32"}"#
    ),
  ])
  func `a recipe is written normalised`(text: String, normalised: String) throws {
    let json = try recipe(text).json
    #expect(String(decoding: json.canonicalBytes, as: UTF8.self) == normalised)
    #expect(try Recipe(json) == recipe(text))
  }

  @Test func `flags go over a file: weights and stages replace, overrides follow`() throws {
    let file = try recipe(
      #"{"weights":"f16","stages":{"core":"bf16"},"tensors":[{"pattern":"*","encoding":"f32"}]}"#)
    let override = try Recipe.Override(argument: "*.fc.*=int8:row")
    let combined = file.overridden(weights: .bf16, stages: [.coda: .f16], overrides: [override])
    #expect(combined.weights == .bf16)
    // The file's core says what the weights now say.
    #expect(combined.stages == [.coda: .f16])
    #expect(combined.overrides.map(\.pattern.description) == ["*", "*.fc.*"])
  }

  @Test func `an override splits at the last equals sign`() throws {
    let override = try Recipe.Override(argument: "a=b=int8")
    #expect(override.pattern.description == "a=b")
    #expect(override.encoding == .int8)
    #expect(throws: RecipeError.notAnOverride("int8")) { try Recipe.Override(argument: "int8") }
    #expect(throws: RecipeError.notAnOverride("=f16")) { try Recipe.Override(argument: "=f16") }
    #expect(throws: RecipeError.encoding(.unknownEncoding("int3"))) {
      try Recipe.Override(argument: "*=int3")
    }
  }

  @Test(arguments: [
    (#"{"weights":"int3"}"#, RecipeError.encoding(.unknownEncoding("int3"))),
    (#"{"weights":"int8:48"}"#, .encoding(.groupSize(scheme: "int8", size: 48))),
    (#"{"stages":{"head":"f16"}}"#, .unknownStage("head")),
    (#"{"extra":1}"#, .json(.unknownKey(path: "recipe", key: "extra"))),
    (
      #"{"tensors":[{"pattern":"*"}]}"#,
      .json(.missingKey(path: "recipe.tensors[0]", key: "encoding"))
    ),
    (#"[]"#, .json(.wrongKind(path: "recipe", expected: "an object", found: "an array"))),
  ])
  func `a malformed recipe is refused`(text: String, error: RecipeError) {
    #expect(throws: error) { try recipe(text) }
  }

  @Test(arguments: ["nothing", "*.norm_1.weight", "lm_head.weight", "transformer.wte"])
  func `a pattern that matches no matrix is refused`(pattern: String) throws {
    let config = try Fixtures.nanoConfig()
    let override = Recipe.Override(pattern: GlobPattern(pattern), encoding: .f16)
    #expect(throws: RecipeError.patternMatchesNoMatrix(pattern)) {
      try Recipe(overrides: [override]).checkPatterns(against: config)
    }
  }
}

extension Fixtures {
  /// The config of the smaller checkpoint.
  static func nanoConfig() throws -> HuginnConfig {
    try #require(
      HuginnConfig.parse(try bytes("checkpoints/huginn-nano/config.json")).config)
  }
}
