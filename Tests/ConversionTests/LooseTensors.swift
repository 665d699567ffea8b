import Models
import HuginnModel
import TestSupport
import Tensors

/// The tensors of a model of a few kilobytes, to be changed before they are written.
struct LooseTensors {
  /// One tensor.
  struct Tensor {
    var dtype = "F32"
    var shape: [Int]
    /// Its values; the other dtypes are made of them.
    var values: [Float]
  }

  private let text: ConfigText
  let config: HuginnConfig
  var tensors: [String: Tensor] = [:]

  /// Tensors of the smallest config's layout, the same ones for the same seed.
  init(_ text: ConfigText = .smallest, seed: UInt64 = 5) throws {
    self.text = text
    guard let config = HuginnConfig.parse(text.bytes).config else { throw NoConfig() }
    self.config = config
    var generator = SeededGenerator(seed: seed)
    for tensor in config.tensors {
      tensors[tensor.name] = Tensor(
        shape: tensor.shape.dimensions.map { Int($0) },
        values: (0..<tensor.shape.elementCount).map { _ in
          Float.random(in: -1...1, using: &generator)
        })
    }
  }

  /// The text is no config.
  private struct NoConfig: Error {}

  /// Stores the head and the rotary table as well, as the release does.
  func withCopies() -> LooseTensors {
    var copy = self
    copy.tensors[HuginnConfig.headName] = tensors[HuginnConfig.embeddingName]
    let table = RotaryTable(config)
    copy.tensors[HuginnConfig.rotaryTableName] = Tensor(
      shape: config.rotaryTableShape.dimensions.map { Int($0) },
      values: (0..<config.contextLength).flatMap { table.row(at: $0) })
    return copy
  }

  /// The same with one tensor changed.
  func changing(_ name: String, _ change: (inout Tensor) -> Void) -> LooseTensors {
    var copy = self
    if var tensor = copy.tensors[name] {
      change(&tensor)
      copy.tensors[name] = tensor
    }
    return copy
  }

  /// The same without a tensor.
  func removing(_ name: String) -> LooseTensors {
    var copy = self
    copy.tensors[name] = nil
    return copy
  }

  /// Writes them as a checkpoint into a directory and opens it.
  func open(in directory: TemporaryDirectory) throws -> StoredModel {
    var builder = SafetensorsBuilder()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      builder.add(name, tensor.dtype, tensor.shape, bytes: tensor.bytes)
    }
    try directory.write("config.json", text.bytes)
    try directory.write("model.safetensors", builder.bytes)
    return try StoredModel(path: directory.path)
  }
}

extension LooseTensors.Tensor {
  fileprivate var bytes: [UInt8] {
    values.flatMap { value in
      switch dtype {
      case "BF16": SafetensorsBuilder.littleEndian(UInt16(value.bitPattern >> 16))
      case "I8": [UInt8(truncatingIfNeeded: Int(value * 100))]
      default: SafetensorsBuilder.littleEndian(value.bitPattern)
      }
    }
  }
}
