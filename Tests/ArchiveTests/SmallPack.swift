import Archive
import Models
import Conversion
import FileAccess
import HuginnModel
import PackFormat
import Parallelism
import Quantization
import Tensors
import TestSupport

/// A pack of one layer in each stage, with few different values, so that its archive is small; and
/// its archives.
struct SmallPack {
  /// Where the pack and its archives are.
  let directory: TemporaryDirectory
  /// The pack.
  let path: String
  /// Its files, by name.
  let files: [String: [UInt8]]

  private static let config = ConfigText([
    "n_embd": "32", "n_heads": "1", "intermediate_size": "32", "vocab_size": "32",
    "block_size": "8", "n_layers_in_prelude": "1", "n_layers_in_recurrent_block": "1",
    "n_layers_in_coda": "1",
  ])

  /// Recipes with planes of 8, 16 and 32 bits.
  static let recipes: [String: Recipe] = [
    "int8": Recipe(), "f16": Recipe(weights: .f16), "bf16": Recipe(weights: .bf16),
    "f32": Recipe(weights: .f32), "row": Recipe(weights: .int8Row),
    "mixed": Recipe(
      weights: .int8, stages: [.core: .bf16, .coda: .f32],
      overrides: [Recipe.Override(pattern: GlobPattern("*.mlp.*"), encoding: .f16)]),
  ]

  /// Converts a checkpoint that is there.
  init(_ recipe: Recipe, ofCheckpoint checkpoint: String) throws {
    directory = try TemporaryDirectory()
    path = directory("pack.muninn")
    let plan = try ConversionPlan(try StoredModel(path: checkpoint), recipe)
    _ = try Converter(plan).write(to: path, Self.options)
    files = try Self.files(in: path)
  }

  private static let options = Converter.Options(
    tool: Manifest.Tool(name: "muninn", version: "test"))

  /// Converts a checkpoint of made-up values; `extras` are files added to the pack.
  init(
    _ recipe: Recipe = Recipe(), named name: String = "small.muninn",
    extras: [String: [UInt8]] = [:]
  ) throws {
    directory = try TemporaryDirectory()
    path = directory(name)
    try directory.write("config.json", Self.config.bytes)
    // An empty file is a sidecar like any other.
    try directory.write("LICENSE", [])
    var random = SeededGenerator(seed: 1)
    var builder = SafetensorsBuilder()
    for tensor in HuginnConfig.parse(Self.config.bytes).config?.tensors ?? [] {
      builder.add(
        tensor.name, tensor.shape.dimensions.map { Int($0) },
        (0..<tensor.shape.elementCount).map { _ in
          Float(Int.random(in: -1...1, using: &random)) / 8
        })
    }
    try directory.write("model.safetensors", builder.bytes)
    let plan = try ConversionPlan(try StoredModel(path: directory("model.safetensors")), recipe)
    _ = try Converter(plan).write(to: path, Self.options)
    for (extra, bytes) in extras { try directory.write("\(name)/\(extra)", bytes) }
    files = try Self.files(in: path)
  }

  /// The files of a directory, by name.
  static func files(in path: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try directoryContents(path) {
      files[name] = try InputFile.contents(of: Path.join(path, name), limit: 16 << 20)
    }
    return files
  }

  /// Archives it, and returns the archive's path.
  @discardableResult
  func archive(
    as name: String = "archive", splitting: Bool = false, level: Int = 1, threads: Int = 2,
    replacing: Bool = false
  ) throws(ArchiveError) -> String {
    var options = PackArchiver.Options()
    options.splitsWords = splitting
    options.level = level
    options.replacing = replacing
    let archiver = PackArchiver(
      path: path, options: options, workers: Workers(count: threads))
    _ = try archiver.write(to: directory(name))
    return directory(name)
  }

  /// The error of archiving it; nothing is left then.
  func refusal() -> ArchiveError? {
    do throws(ArchiveError) {
      try archive(as: "refused")
      return nil
    } catch {
      return error
    }
  }
}
