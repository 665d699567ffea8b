import Checkpoint
import FileAccess
import GGUF
import HuginnModel
import TestSupport
import Tensors
import Testing

@testable import Models

/// Models in the form of other engines, made here field by field.
struct StoredModelTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  // MARK: - GGUF

  private func config() throws -> HuginnConfig {
    try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config)
  }

  /// A GGUF file of the smallest model, each value 1, changed before it is written.
  private func gguf(
    _ change: (inout [(key: String, value: GGUFValue)], inout [GGUFWriter.Tensor]) -> Void = {
      _, _ in
    }
  ) throws -> StoredModel {
    let config = try config()
    var metadata: [(key: String, value: GGUFValue)] = [
      ("general.architecture", .string(HuginnConfig.ggufArchitecture))
    ]
    metadata += config.ggufMetadata
    var tensors = config.tensors.map {
      GGUFWriter.Tensor(name: config.ggufName(of: $0), type: .f32, shape: $0.shape)
    }
    change(&metadata, &tensors)
    let path = directory("model.gguf")
    let writer = try GGUFWriter(target: path, metadata: metadata, tensors: tensors, replacing: true)
    for tensor in tensors where tensor.type == .f32 {
      let ones = [Float](repeating: 1, count: tensor.shape.elementCount)
      try writer.data.write(ones.span.rawBytes, of: tensor.name)
    }
    try writer.publish()
    return try StoredModel(path: path)
  }

  private func codes(_ model: StoredModel) -> [String] {
    model.diagnostics.map { "\($0.code.rawValue) \($0.subject)" }
  }

  @Test func `a GGUF file is the model, under the reference's names`() throws {
    let model = try gguf()
    #expect(model.config == (try config()))
    #expect(model.diagnostics.isEmpty)
    #expect(Set(model.tensors.keys) == Set(try config().tensors.map(\.name)))
    #expect(try model.valueDiagnostics(.everything).isEmpty)
    #expect(model.weightFiles.map(\.name) == ["model.gguf"])
  }

  @Test func `another architecture is reported, and its tensors keep their names`() throws {
    let model = try gguf { metadata, _ in metadata[0].value = .string("llama") }
    #expect(codes(model) == ["config-unsupported general.architecture"])
    #expect(model.config == nil && model.tensors["token_embd.weight"] != nil)
    let nameless = try gguf { metadata, _ in metadata.removeFirst() }
    #expect(codes(nameless) == ["config-unsupported general.architecture"])
  }

  @Test func `a size that is missing or no number is a finding`() throws {
    let missing = try gguf { metadata, _ in
      metadata.removeAll { $0.key == "huginn.embedding_length" }
    }
    #expect(codes(missing) == ["config-key-missing n_embd"])
    let text = try gguf { metadata, _ in
      for index in metadata.indices where metadata[index].key == "huginn.core.block_count" {
        metadata[index].value = .string("4")
      }
    }
    #expect(text.config == nil)
    #expect(codes(text).first == "config-malformed n_layers_in_recurrent_block")
  }

  @Test func `tensors are checked against the layout, whatever they are stored as`() throws {
    let norm = "transformer.prelude.0.norm_1.weight"
    let missing = try gguf { _, tensors in tensors.removeAll { $0.name == "blk.0.attn_norm.weight" }
    }
    #expect(codes(missing) == ["tensor-missing \(norm)"])
    let other = try gguf { _, tensors in
      for index in tensors.indices where tensors[index].name == "blk.0.attn_norm.weight" {
        let width = Int(tensors[index].shape.dimensions[0])
        tensors[index] = GGUFWriter.Tensor(
          name: "blk.0.attn_norm.weight", type: GGUFTensorType(code: 28),
          shape: Shape(width))
      }
    }
    #expect(codes(other) == ["tensor-dtype \(norm)"])
    #expect(other.tensors[norm]?.valueDType == nil)
    let twice = try gguf { _, tensors in
      tensors.append(GGUFWriter.Tensor(name: norm, type: .f32, shape: Shape(1)))
    }
    #expect(codes(twice).contains("tensor-duplicate \(norm)"))
  }

  @Test func `a malformed GGUF file is a finding, and another file is not taken for GGUF`() throws {
    let path = try directory.write("cut.gguf", Array("GGUF\u{3}\0\0\0".utf8))
    let model = try StoredModel(path: path)
    #expect(codes(model) == ["gguf-malformed cut.gguf"])
    #expect(model.weightFiles.isEmpty)
    #expect(try PathKind(of: Fixtures.path("checkpoints/huginn-nano/config.json")) == .checkpoint)
    #expect(try PathKind(of: Fixtures.nano) == .checkpoint)
    #expect(try PathKind(of: Fixtures.path("expected/huginn-nano-int8.muninn")) == .pack)
    #expect(throws: ModelError.file(.notFound(path: directory("no")))) {
      try StoredModel(path: directory("no"))
    }
  }

  @Test func `values in blocks are decoded, and looked at`() throws {
    // One block: the scale 0.5, codes 0 to 31 less 16.
    let scale = Float(0.5).f16Bits
    let block = SafetensorsBuilder.littleEndian(scale) + (0..<32).map { UInt8(bitPattern: $0 - 16) }
    let path = directory("blocks.gguf")
    let writer = try GGUFWriter(
      target: path, metadata: [],
      tensors: [GGUFWriter.Tensor(name: "a", type: .q8_0, shape: Shape(2, 64))])
    let blocks = Array(repeating: block, count: 4).flatMap(\.self)
    try writer.data.write(blocks.span.rawBytes, of: "a")
    try writer.publish()
    let model = try StoredModel(path: path)
    let stored = try #require(model.tensors["a"])
    #expect(stored.type == "Q8_0" && stored.byteCount == 136)
    var reader = TensorReader(stored)
    var values: [Float] = []
    try reader.read(1..<2, into: &values)
    #expect(values == (0..<64).map { Float($0 % 32 - 16) / 2 })
    try reader.read(0..<2)
    #expect(reader.bytes.byteCount == 4 * 128)
  }

  // MARK: - compressed-tensors

  /// The smallest checkpoint with one matrix stored as codes, changed before it is written.
  private func compressed(
    packed: Bool, _ change: (inout [String: (String, [Int], [UInt8])]) -> Void = { _ in }
  ) throws -> StoredModel {
    let config = try config()
    let text = ConfigText.smallest.setting(
      "quantization_config", #"{"quant_method":"compressed-tensors"}"#)
    var parts: [String: (String, [Int], [UInt8])] = [:]
    let module = "transformer.adapter"
    for tensor in config.tensors {
      let shape = tensor.shape.dimensions.map { Int($0) }
      guard tensor.moduleName == module else {
        let ones = [Float](repeating: 1, count: tensor.shape.elementCount)
        parts[tensor.name] = (
          "F32", shape, ones.flatMap { SafetensorsBuilder.littleEndian($0.bitPattern) }
        )
        continue
      }
      let codes = (0..<tensor.shape.elementCount).map { Int8($0 % 7 - 3) }
      let scales = (0..<shape[0]).flatMap {
        SafetensorsBuilder.littleEndian(Float($0 + 1).bitPattern)
      }
      parts["\(module).weight_scale"] = ("F32", [shape[0], 1], scales)
      if packed {
        parts["\(module).weight_packed"] = (
          "I32", [shape[0], shape[1] / 4], codes.map { UInt8(bitPattern: $0) ^ 0x80 }
        )
        parts["\(module).weight_shape"] = (
          "I64", [2], shape.flatMap { SafetensorsBuilder.littleEndian(Int64($0)) }
        )
      } else {
        parts["\(module).weight"] = ("I8", shape, codes.map { UInt8(bitPattern: $0) })
      }
    }
    change(&parts)
    var builder = SafetensorsBuilder()
    for (name, part) in parts.sorted(by: { $0.key < $1.key }) {
      builder.add(name, part.0, part.1, bytes: part.2)
    }
    try directory.write("config.json", text.bytes)
    try directory.write("model.safetensors", builder.bytes)
    #expect(
      try Checkpoint(path: directory.path).diagnostics.map(\.code) == [.checkpointQuantized])
    let model = try StoredModel(path: directory.path)
    #expect(model.formName == .compressedTensors)
    return model
  }

  @Test(arguments: [false, true])
  func `codes and scales are one matrix`(packed: Bool) throws {
    let model = try compressed(packed: packed)
    #expect(model.diagnostics.isEmpty)
    let stored = try #require(model.tensors["transformer.adapter.weight"])
    #expect(stored.type == (packed ? "w8a16" : "w8a8"))
    var reader = TensorReader(stored)
    var values: [Float] = []
    try reader.read(0..<stored.shape.rows, into: &values)
    let columns = stored.shape.columns
    #expect(values == values.indices.map { Float($0 % 7 - 3) * Float($0 / columns + 1) })
    #expect(try model.valueDiagnostics(.everything).isEmpty)
  }

  @Test func `parts that are missing or of another shape are findings, each matrix once`() throws {
    let module = "transformer.adapter"
    let changes: [(Bool, String, (inout [String: (String, [Int], [UInt8])]) -> Void)] = [
      (true, "weight_scale", { $0["\(module).weight_scale"] = nil }),
      (false, "weight_scale", { $0["\(module).weight_scale"]?.0 = "I32" }),
      (true, "weight_shape", { $0["\(module).weight_shape"] = nil }),
      (true, "weight_shape", { $0["\(module).weight_shape"]?.2[0] ^= 1 }),
      (
        true, "weight_packed",
        { parts in
          parts["\(module).weight_packed"]?.1.reverse()
        }
      ),
      (false, "weight", { parts in parts["\(module).weight"]?.1.reverse() }),
    ]
    for (packed, part, change) in changes {
      let model = try compressed(packed: packed, change)
      #expect(codes(model) == ["codes-malformed \(module).\(part)"])
      #expect(model.tensors["\(module).weight"] == nil)
    }
  }

  @Test func `a checkpoint of values is one`() throws {
    #expect(try StoredModel(path: Fixtures.nano).formName == .checkpoint)
  }
}
