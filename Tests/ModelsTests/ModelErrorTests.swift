import Checkpoint
import FileAccess
import HuginnModel
import Models
import PackFormat
import StrictJSON
import TestSupport
import Testing

/// What is said of a model that cannot be used.
struct ModelErrorTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a pack whose segment has another length or header is refused`() throws {
    let path = try directory.copy(Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack")
    #expect(try StoredModel(path: path).formName == .pack)
    let segment = try directory.bytes("pack/core.seg")
    try directory.write("pack/core.seg", Array(segment.dropLast(1)))
    #expect(
      throws: ModelError.pack(
        .segmentLength(
          path: "\(path)/core.seg", expected: segment.count, found: segment.count - 1))
    ) { try StoredModel(path: path) }
    try directory.write("pack/core.seg", [segment[0] ^ 1] + segment.dropFirst())
    #expect {
      try StoredModel(path: path)
    } throws: { error in
      if case ModelError.pack(.segmentHeader) = error { true } else { false }
    }
  }

  @Test func `a model whose tensors are all unreadable has no weights`() throws {
    let model = try StoredModel(path: directory.path)
    #expect(throws: ModelError.noWeights(path: directory.path)) { try model.requireWeights() }
    try StoredModel(path: Fixtures.nano).requireWeights()
  }

  @Test func `what cannot be converted or run is named`() throws {
    let pack = try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn"))
    let error = #expect(throws: ModelError.self) { try pack.convertible() }
    #expect(
      error?.description
        == "'huginn-nano-int8.muninn' is a pack, expected a float checkpoint")
    let path = try directory.write("model.gguf", Array("GGUF\u{3}\0\0\0".utf8))
    let gguf = try StoredModel(path: path)
    #expect(
      throws: ModelError.form(path: path, .gguf, wanted: "a pack or a float checkpoint")
    ) { try gguf.usableConfig() }
    #expect(throws: ModelError.form(path: path, .gguf, wanted: "a float checkpoint")) {
      try gguf.convertible()
    }
  }

  @Test func `a pack and a checkpoint have a name of their own in results`() throws {
    let pack = try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn"))
    #expect(pack.identity == ["digest": .string("\(try #require(pack.pack).manifest.digest)")])
    let checkpoint = try StoredModel(path: Fixtures.nano)
    #expect(
      checkpoint.identity == [
        "shards": [["name": "model.safetensors", "bytes": .integer(checkpoint.byteCount)]]
      ])
  }

  @Test func `a pack's tensors are read as they are decoded`() throws {
    let packed = try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn"))
    let pack = try #require(packed.pack)
    let layout = try #require(
      pack.manifest.layout.tensors.first { $0.tensor.name == "transformer.adapter.weight" })
    var expected: [Float] = []
    var own = pack.tensor(layout)
    try own.read(3..<7, into: &expected)
    var reader = TensorReader(try #require(packed["transformer.adapter.weight"]))
    var found: [Float] = []
    try reader.read(3..<7, into: &found)
    #expect(found == expected && !found.isEmpty)
    #expect(packed["lm_head.weight"]?.name == "transformer.wte.weight")
  }
}
