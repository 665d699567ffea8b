import Checkpoint
import FileAccess
import HuginnModel
import Safetensors
import TestSupport
import Tensors
import Testing

struct CheckpointTests {
  // MARK: - The fixtures

  @Test func `a checkpoint of one file is opened without an error`() throws {
    let checkpoint = try Checkpoint(path: Fixtures.nano)
    #expect(checkpoint.findings == ["file-ignored golden.safetensors"])
    #expect(!checkpoint.diagnostics.containErrors)
    #expect(checkpoint.index == nil)
    #expect(checkpoint.shards.map(\.name) == ["model.safetensors"])
    #expect(checkpoint.tensors.count == 76)
    #expect(checkpoint.config?.embeddingSize == 96)
  }

  @Test func `a checkpoint of three shards is opened without an error`() throws {
    let checkpoint = try Checkpoint(path: Fixtures.tiny)
    #expect(checkpoint.findings == ["file-ignored golden.safetensors"])
    #expect(!checkpoint.diagnostics.containErrors)
    #expect(checkpoint.shards.count == 3)
    #expect(checkpoint.tensors.count == 77)
    #expect(checkpoint.index?.contents?.weightMap.count == 77)
    let index = try Fixtures.bytes("checkpoints/huginn-tiny/model.safetensors.index.json")
    #expect(checkpoint.index?.bytes == index)
    #expect(checkpoint.config?.contextLength == 256)
  }

  // MARK: - What a path means

  @Test(arguments: [false, true])
  func `a directory is opened with its index or its one file`(isSharded: Bool) throws {
    let small = try SmallCheckpoint(isSharded: isSharded)
    let checkpoint = try small.open()
    #expect(checkpoint.diagnostics == [])
    #expect(checkpoint.config != nil)
    #expect(checkpoint.tensors.count == 39)
    #expect(checkpoint.shards.map(\.name) == small.shards.keys.sorted())
    let files = try small.shards.keys.map { try small.directory.bytes($0).count }
    #expect(checkpoint.byteCount == files.reduce(0, +))
  }

  @Test func `a single file takes only its config from beside it`() throws {
    var small = try SmallCheckpoint()
    small.shards["mine.safetensors"] = small.shards.removeValue(forKey: "model.safetensors")
    try small.write()
    try small.directory.write("other.safetensors", "not looked at")
    let checkpoint = try Checkpoint(path: small.directory("mine.safetensors"))
    #expect(checkpoint.diagnostics == [])
    #expect(checkpoint.tensors.count == 39)
  }

  @Test func `an index is opened as its checkpoint`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let path = small.directory("model.safetensors.index.json")
    let checkpoint = try Checkpoint(path: path)
    #expect(checkpoint.diagnostics == [])
    #expect(checkpoint.shards.count == 3)
  }

  @Test func `one shard of several is an incomplete checkpoint`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let checkpoint = try Checkpoint(path: small.directory(SmallCheckpoint.shardNames[2]))
    #expect(checkpoint.tensors.count == 10)
    #expect(checkpoint.findings == ["shard-alone \(SmallCheckpoint.shardNames[2])"])
  }

  @Test func `a missing path is thrown and is not a finding`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try Checkpoint(path: directory("none"))
    }
  }

  // MARK: - What is opened

  @Test(arguments: [false, true])
  func `a tensor is where its bytes are`(isSharded: Bool) throws {
    let small = try SmallCheckpoint(isSharded: isSharded)
    let checkpoint = try small.open()
    for (name, tensor) in checkpoint.tensors {
      let stored = try #require(small.tensor(name))
      #expect(tensor.description.name == name)
      #expect(tensor.description.shape.dimensions == stored.shape.map { UInt64($0) })
      let file = checkpoint.shards[tensor.shard].safetensors.file
      let bytes = try file.read(at: tensor.byteRange.lowerBound, count: tensor.byteRange.count)
      #expect(bytes == stored.bytes, "\(name)")
    }
  }

  @Test func `what the layout lacks is found with the rest`() throws {
    var small = try SmallCheckpoint()
    small.edit("transformer.ln_f.weight") { $0.dtype = "I32" }
    small.shards["model.safetensors"]?.removeAll { $0.name == "transformer.adapter.weight" }
    #expect(
      try small.open().findings == [
        "tensor-missing transformer.adapter.weight", "tensor-dtype transformer.ln_f.weight",
      ])
  }

  @Test(arguments: ["F32", "F16", "BF16"])
  func `a checkpoint may be of any float dtype`(dtype: String) throws {
    var small = try SmallCheckpoint()
    for tensor in small.shards["model.safetensors"] ?? [] where dtype != "F32" {
      small.edit(tensor.name) {
        $0.dtype = dtype
        $0.bytes.removeLast($0.bytes.count / 2)
      }
    }
    #expect(try small.open().diagnostics == [])
  }
}
