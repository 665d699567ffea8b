import HuginnModel
import PackFormat
import Quantization
import Testing

struct PresetTests {
  /// The release's bytes of payload and the recipe of each preset.
  @Test(
    arguments: [
      (.small, 2_179_203_840, ["embedding": "int8:32"], "int4:32"),
      (.balanced, 2_574_570_240, ["embedding": "int8:32", "coda": "int8:32"], "int4:32"),
      (.faithful, 4_112_951_040, ["embedding": "f16"], "int8:32"),
    ] as [(Preset, Int, [String: String], String)])
  func `a preset is its encodings, which are all that a pack knows of it`(
    preset: Preset, bytes: Int, stages: [String: String], weights: String
  ) throws {
    let recipe = preset.recipe
    #expect(recipe.weights.description == weights)
    #expect(
      Dictionary(
        uniqueKeysWithValues: recipe.stages.map { ($0.key.rawValue, $0.value.description) })
        == stages)
    let layout = try PackLayout(.release, recipe)
    #expect(layout.tensors.reduce(0) { $0 + $1.byteCount } == bytes)
    #expect(recipe.json == (try Recipe(recipe.json)).json)
  }
}
