public import Checkpoint
import HuginnModel
import Safetensors
import Tensors

/// A checkpoint of a few kilobytes in a directory of its own, to be damaged before it is opened.
public struct SmallCheckpoint {
  /// A tensor as a shard has it.
  public struct Tensor {
    /// Its name.
    public let name: String
    /// As the header writes it.
    public var dtype: String
    /// Outermost first.
    public var shape: [Int]
    /// Its elements.
    public var bytes: [UInt8]

    /// A tensor of these bytes.
    public init(name: String, dtype: String, shape: [Int], bytes: [UInt8]) {
      (self.name, self.dtype, self.shape, self.bytes) = (name, dtype, shape, bytes)
    }
  }

  /// The tied head.
  public static let headName = "lm_head.weight"
  /// The rotary table.
  public static let tableName = "freqs_cis"
  /// Embedding and prelude, core, coda.
  public static let shardNames = (1...3).map { "model-0000\($0)-of-00003.safetensors" }

  /// Where it is written.
  public let directory: TemporaryDirectory
  /// The text of `config.json`; nil to leave it out.
  public var config: ConfigText?
  /// The tensors of each shard.
  public var shards: [String: [Tensor]] = [:]
  /// The shard of each tensor; nil to write no index.
  public var weightMap: [String: String]?

  /// A checkpoint with the layout of a config, in F32, in one file or in three shards.
  public init(_ text: ConfigText = .smallest, isSharded: Bool = false) throws {
    directory = try TemporaryDirectory()
    config = text
    var generator = SeededGenerator(seed: 7)
    weightMap = isSharded ? [:] : nil
    for tensor in HuginnConfig.parse(text.bytes).config?.tensors ?? [] {
      let shape = tensor.shape.dimensions.map { Int($0) }
      let values = (0..<tensor.shape.elementCount).map { _ in
        Float.random(in: -1...1, using: &generator)
      }
      let shard =
        switch tensor.stage {
        case .embedding, .prelude: Self.shardNames[0]
        case .core: Self.shardNames[1]
        case .coda: Self.shardNames[2]
        }
      add(tensor.name, shape, values, to: isSharded ? shard : "model.safetensors")
    }
  }

  /// Adds an F32 tensor to a shard, and to the index if there is one.
  public mutating func add(_ name: String, _ shape: [Int], _ values: [Float], to shard: String) {
    let bytes = values.flatMap { SafetensorsBuilder.littleEndian($0.bitPattern) }
    shards[shard, default: []].append(Tensor(name: name, dtype: "F32", shape: shape, bytes: bytes))
    weightMap?[name] = shard
  }

  /// The stored tensor of this name.
  public func tensor(_ name: String) -> Tensor? {
    shards.values.joined().first { $0.name == name }
  }

  /// Changes the stored tensor of this name.
  public mutating func edit(_ name: String, _ change: (inout Tensor) -> Void) {
    for shard in shards.keys {
      for index in shards[shard, default: []].indices where shards[shard]?[index].name == name {
        change(&shards[shard, default: []][index])
      }
    }
  }

  /// Writes all files.
  @discardableResult
  public func write() throws -> TemporaryDirectory {
    if let config { try directory.write("config.json", config.bytes) }
    for (name, tensors) in shards {
      var builder = SafetensorsBuilder()
      for tensor in tensors {
        builder.add(tensor.name, tensor.dtype, tensor.shape, bytes: tensor.bytes)
      }
      try directory.write(name, builder.bytes)
    }
    if let weightMap {
      let lines = weightMap.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
      let text = "{\"weight_map\":{" + lines.joined(separator: ",") + "}}"
      try directory.write(SafetensorsIndex.fileName, text)
    }
    return directory
  }

  /// Writes all files and opens the directory.
  public func open() throws -> Checkpoint {
    try write()
    return try Checkpoint(path: directory.path)
  }
}

extension Checkpoint {
  /// The findings in short, such as `shard-missing model-00002-of-00003.safetensors`.
  public var findings: [String] { diagnostics.map { "\($0.code.rawValue) \($0.subject)" } }
}
