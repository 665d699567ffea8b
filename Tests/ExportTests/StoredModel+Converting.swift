import Models
import Conversion
import HuginnModel
import PackFormat
import Quantization
import TestSupport

@testable import Export

extension StoredModel {
  /// The source that a pack is, made of a checkpoint in a test's directory.
  init(
    converting checkpoint: StoredModel, _ weights: String, stages: [Stage: String],
    in directory: TemporaryDirectory
  ) throws {
    let recipe = Recipe(
      weights: try Encoding(weights), stages: try stages.mapValues { try Encoding($0) },
      overrides: [])
    let path = directory("\(weights).muninn")
    _ = try Converter(try ConversionPlan(checkpoint, recipe)).write(
      to: path, Converter.Options(tool: .test))
    try self.init(path: path)
  }
}

extension Manifest.Tool {
  /// What writes in tests.
  static let test = Manifest.Tool(name: "test", version: "1")
}
