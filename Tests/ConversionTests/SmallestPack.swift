import Models
import Conversion
import FileAccess
import HuginnModel
import PackFormat
import TestSupport
import Tensors

/// A checkpoint, and its pack, of one layer in each stage and 32 elements in each row: small enough
/// to flip every bit.
struct SmallestPack {
  /// The pack.
  let path: String
  /// Its manifest.
  let manifest: Manifest
  /// The files, by name.
  let names: [String]
  private let directory: TemporaryDirectory
  private let source: TemporaryDirectory

  private static let config = ConfigText([
    "n_embd": "32", "n_heads": "1", "intermediate_size": "32", "vocab_size": "32",
    "block_size": "8", "n_layers_in_prelude": "1", "n_layers_in_recurrent_block": "1",
    "n_layers_in_coda": "1",
  ])

  /// Writes both; another seed gives other values.
  init(seed: UInt64 = 1) throws {
    directory = try TemporaryDirectory()
    source = try TemporaryDirectory()
    path = directory("pack")
    try source.write("config.json", Self.config.bytes)
    try source.write("generation_config.json", "{}")
    var random = SeededGenerator(seed: seed)
    var builder = SafetensorsBuilder()
    for tensor in HuginnConfig.parse(Self.config.bytes).config?.tensors ?? [] {
      builder.add(
        tensor.name, tensor.shape.dimensions.map { Int($0) },
        (0..<tensor.shape.elementCount).map { _ in Float.random(in: -1...1, using: &random) })
    }
    try source.write("model.safetensors", builder.bytes)
    let plan = try ConversionPlan(try StoredModel(path: source.path), Recipe())
    manifest = try Converter(plan).write(to: path, .test).manifest
    names = try directoryContents(path)
  }

  /// The length of a file.
  func byteCount(_ name: String) throws -> Int {
    try FileStatus(ofPath: "\(path)/\(name)").byteCount
  }

  /// The faults that verification finds.
  func faults() throws -> [PackFault] { try PackVerification(path: path).faults }
}
