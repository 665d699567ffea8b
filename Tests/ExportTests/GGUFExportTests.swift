import Models
import Conversion
import FileAccess
import Foundation
import GGUF
import HuginnModel
import Kernels
import PackFormat
import Parallelism
import Quantization
import TestSupport
import Tensors
import Testing
import Tokenization

@testable import Export

struct GGUFExportTests {
  private let directory: TemporaryDirectory
  private let checkpoint: StoredModel

  init() throws {
    directory = try TemporaryDirectory()
    checkpoint = try StoredModel(path: Fixtures.nano)
  }

  private func pack(_ weights: String, stages: [Stage: String] = [:]) throws -> StoredModel {
    try StoredModel(converting: checkpoint, weights, stages: stages, in: directory)
  }

  private func export(
    _ source: StoredModel, _ matrices: GGUFExport.Matrices = .stored, workers: Int = 2
  ) throws -> GGUFFile {
    let target = directory("model.gguf")
    try GGUFExport(source, matrices: matrices)
      .write(to: target, replacing: true, workers: Workers(count: workers))
    return try GGUFFile(path: target)
  }

  private func bytes(_ name: String, of file: GGUFFile) throws -> [UInt8] {
    let tensor = try #require(file.header.tensors.first { $0.name == name })
    let range = file.byteRange(of: tensor)
    return try file.file.read(at: range.lowerBound, count: range.count)
  }

  // MARK: - What is stored

  @Test func `tensors are in the order of the forward pass, the core in one run`() throws {
    let file = try export(checkpoint)
    let names = file.header.tensors.map(\.name)
    #expect(names.count == 75)
    #expect(names.first == "token_embd.weight" && names.last == "output_norm.weight")
    #expect(names[19] == "core_adapter.weight" && names[18] == "blk.1.post_ffw_norm.weight")
    #expect(
      names[20..<29] == [
        "blk.2.attn_norm.weight", "blk.2.attn_qk.bias", "blk.2.attn_qkv.weight",
        "blk.2.attn_output.weight", "blk.2.post_attention_norm.weight", "blk.2.ffn_norm.weight",
        "blk.2.ffn_up.weight", "blk.2.ffn_down.weight", "blk.2.post_ffw_norm.weight",
      ])
    #expect(names[56] == "blk.6.attn_norm.weight")
  }

  @Test func `a checkpoint's values and a pack's codes are the same in GGUF`() throws {
    for source in [
      checkpoint, try pack("int8"), try pack("f16", stages: [.core: "int8"]),
      try pack("bf16"), try pack("int4"), try pack("f32", stages: [.core: "int4", .coda: "int8"]),
    ] {
      let file = try export(source)
      let model = try StoredModel(path: file.file.path)
      #expect(model.diagnostics.isEmpty)
      let diff = try Diff(source, model)
      #expect(diff.differences.count == 75)
      #expect(diff.differences.allSatisfy { !$0.exceeds(0) })
      // Vectors are F32 always.
      #expect(file.header.tensors.allSatisfy { $0.shape.rank == 2 || $0.type == .f32 })
    }
  }

  @Test func `blocks have the codes of the pack, and its scales before them`() throws {
    let source = try pack("int8")
    let file = try export(source)
    let layout = try #require(source.tensors["transformer.core_block.0.mlp.proj.weight"]?.layout)
    let pack = try #require(source.pack)
    let rows = 0..<layout.tensor.shape.rows
    let codes = try pack.bytes(of: layout, plane: 0, rows: rows)
    let scales = try pack.bytes(of: layout, plane: 1, rows: rows)
    let blocks = try bytes("blk.2.ffn_down.weight", of: file)
    #expect(blocks.count == codes.count / 32 * 34)
    for block in 0..<codes.count / 32 {
      let found = blocks[34 * block..<34 * (block + 1)]
      #expect(found.prefix(2) == scales[2 * block..<2 * block + 2])
      #expect(found.dropFirst(2) == codes[32 * block..<32 * (block + 1)])
    }
  }

  @Test func `blocks of 4-bit codes have those of the pack, 16 columns apart in a byte`() throws {
    let source = try pack("int4")
    let file = try export(source)
    let layout = try #require(source.tensors["transformer.core_block.0.mlp.proj.weight"]?.layout)
    let pack = try #require(source.pack)
    let rows = 0..<layout.tensor.shape.rows
    let codes = try pack.bytes(of: layout, plane: 0, rows: rows)
    let scales = try pack.bytes(of: layout, plane: 1, rows: rows)
    let blocks = try bytes("blk.2.ffn_down.weight", of: file)
    #expect(blocks.count == codes.count / 16 * 18)
    for block in 0..<codes.count / 16 {
      let found = Array(blocks[18 * block..<18 * (block + 1)])
      #expect(Array(found.prefix(2)) == Array(scales[2 * block..<2 * block + 2]))
      for column in 0..<32 {
        let byte = found[2 + column % 16]
        let code = Int8(column < 16 ? byte & 15 : byte >> 4) - 8
        #expect(code == Int4.code(at: 32 * block + column, in: codes.span))
      }
    }
    #expect(file.header.metadata["general.file_type"] == .uint32(2))
  }

  @Test func `each block of a wider group has its scale`() {
    let codes = (0..<128).map { UInt8($0) }
    let blocks = TensorExport.blocks(.q8_0, codes: codes, scales: [1, 2, 3, 4])
    #expect(blocks.count == 4 * 34)
    let starts = [0, 34, 68, 102]
    #expect(
      starts.map { Array(blocks[$0..<$0 + 3]) } == [
        [1, 2, 0], [1, 2, 32], [3, 4, 64], [3, 4, 96],
      ])
  }

  @Test func `a checkpoint in Q8_0 is what the quantizer makes of each matrix`() throws {
    let file = try export(checkpoint, .blocks(.q8_0))
    let tensor = try #require(checkpoint.tensors["transformer.adapter.weight"])
    var reader = TensorReader(tensor)
    var values: [Float] = []
    try reader.read(0..<tensor.shape.rows, into: &values)
    var blocks = [UInt8](repeating: 0, count: BlockFormat.q8_0.byteCount(ofElements: values.count))
    var span = blocks.mutableSpan
    _ = Scalar.encodeBlocks(values.span, as: .q8_0, into: &span)
    #expect(try bytes("core_adapter.weight", of: file) == blocks)
    #expect(file.header.metadata["general.file_type"] == .uint32(7))
    #expect(file.header.metadata["general.quantization_version"] == .uint32(2))
  }

  @Test func `the same source is written to the same bytes by any number of threads`() throws {
    let files = try [1, 2, 7].map { count in
      let file = try export(checkpoint, .blocks(.q8_0), workers: count)
      return try file.file.read(at: 0, count: file.file.byteCount)
    }
    #expect(Set(files).count == 1)
  }

  // MARK: - Metadata

  @Test func `the metadata gives the config back`() throws {
    let file = try export(try pack("f16"))
    #expect(file.header.metadata["general.architecture"] == .string("huginn"))
    #expect(file.header.metadata["general.file_type"] == .uint32(1))
    #expect(file.header.metadata["huginn.block_count"] == .uint32(8))
    #expect(file.header.metadata["tokenizer.ggml.model"] == nil)
    let model = try StoredModel(path: file.file.path)
    #expect(model.config == checkpoint.config)
  }

  @Test func `the tokenizer comes with its tokens, kinds, rules and text`() throws {
    let wide = try wideCheckpoint()
    let file = try export(wide)
    let metadata = file.header.metadata
    guard case .array(.strings(let tokens)) = metadata["tokenizer.ggml.tokens"],
      case .array(let types) = metadata["tokenizer.ggml.token_type"],
      case .array(.strings(let merges)) = metadata["tokenizer.ggml.merges"]
    else {
      Issue.record("a list is missing")
      return
    }
    #expect(tokens.count == 2056 && merges.count == 1760)
    #expect(merges[2] == "t h" && tokens[2016] == "<|begin_text|>")
    #expect(tokens[2055] == "[PAD2055]")
    let kinds = (0..<2056).map { Int32($0 < 2016 ? 1 : $0 < 2048 ? 3 : 5) }
    #expect(types == GGUFArray(kinds))
    #expect(metadata["tokenizer.ggml.bos_token_id"] == .uint32(2016))
    #expect(metadata["tokenizer.ggml.padding_token_id"] == .uint32(2021))
    #expect(metadata["tokenizer.ggml.add_bos_token"] == .boolean(true))
    let text = try Fixtures.bytes("tokenizer/tokenizer.json")
    #expect(
      metadata["tokenizer.huggingface.json"] == .string(String(decoding: text, as: UTF8.self)))
  }

  @Test func `an added token that is text is of the kind that users define`() throws {
    let wide = try wideCheckpoint()
    let text = String(decoding: try Fixtures.bytes("tokenizer/tokenizer.json"), as: UTF8.self)
    let added = [("<think>", 2048), ("the", 1324)].map { content, id in
      """
      {"id": \(id), "content": "\(content)", "single_word": false, "lstrip": false,\
       "rstrip": false, "normalized": true, "special": false},
      """
    }
    let list = "\"added_tokens\": ["
    try directory.write(
      "small/tokenizer.json", text.replacing(list, with: list + added.joined()))
    let metadata = try export(wide).header.metadata
    guard case .array(.strings(let tokens)) = metadata["tokenizer.ggml.tokens"],
      case .array(let types) = metadata["tokenizer.ggml.token_type"]
    else {
      Issue.record("a list is missing")
      return
    }
    #expect(tokens[2048] == "<think>" && tokens[1324] == "the")
    let kinds = (0..<2056).map { id -> Int32 in
      [1324, 2048].contains(id) ? 4 : id < 2016 ? 1 : id < 2048 ? 3 : 5
    }
    #expect(types == GGUFArray(kinds))
  }

  /// A model whose embedding has a row for each token of the bundled tokenizer, and some more.
  private func wideCheckpoint() throws -> StoredModel {
    _ = try smallCheckpoint(width: 32, rows: 2056, value: 0.5)
    try directory.copy(Fixtures.path("tokenizer/tokenizer.json"), as: "small/tokenizer.json")
    return try StoredModel(path: directory("small"))
  }

  /// A model of one layer a stage in which every value is the same.
  private func smallCheckpoint(width: Int, rows: Int = 64, value: Float) throws -> StoredModel {
    let text = """
      {"n_embd":\(width),"n_heads":1,"intermediate_size":32,"vocab_size":\(rows - 8),\
      "padded_vocab_size":\(rows),"n_layers_in_prelude":1,"n_layers_in_recurrent_block":1,\
      "n_layers_in_coda":1}
      """
    var builder = SafetensorsBuilder()
    for tensor in try #require(HuginnConfig.parse(Array(text.utf8)).config).tensors {
      builder.add(
        tensor.name, tensor.shape.dimensions.map { Int($0) },
        [Float](repeating: value, count: tensor.shape.elementCount))
    }
    try FileManager.default.createDirectory(
      atPath: directory("small"), withIntermediateDirectories: true)
    try directory.write("small/config.json", text)
    try directory.write("small/model.safetensors", builder.bytes)
    return try StoredModel(path: directory("small"))
  }

  // MARK: - Refusals

  @Test func `rows of codes have no type in GGUF, and are refused with what to do`() throws {
    let source = try pack("int8:row")
    for matrices in [.stored, .blocks(.q8_0)] as [GGUFExport.Matrices] {
      #expect(
        throws: ExportError.encoding(
          tensor: "transformer.wte.weight", .int8Row, scheme: "Q8_0", convertTo: "int8:32")
      ) { try GGUFExport(source, matrices: matrices) }
    }
    _ = try GGUFExport(source, matrices: .values(.f16))
  }

  @Test func `rows that blocks do not tile are refused`() throws {
    let small = try smallCheckpoint(width: 12, value: 0.5)
    #expect(throws: ExportError.blocks(tensor: "transformer.wte.weight", columns: 12)) {
      try GGUFExport(small, matrices: .blocks(.q8_0))
    }
    _ = try GGUFExport(small)
  }

  @Test func `a value whose block has no scale ends the export`() throws {
    let source = try smallCheckpoint(width: 32, value: 9e6)
    #expect(
      throws: ExportError.blockScale(tensor: "transformer.wte.weight", largest: 9e6)
    ) { try export(source, .blocks(.q8_0), workers: 1) }
    let infinite = try smallCheckpoint(width: 32, value: .infinity)
    #expect(
      throws: ExportError.values(
        tensor: "transformer.wte.weight", .nonFinite(value: .infinity, row: 0, column: 0))
    ) { try export(infinite, .blocks(.q8_0), workers: 1) }
    #expect(!directory.names.contains("model.gguf"))
  }

  @Test func `what the system refuses is reported`() throws {
    let export = try GGUFExport(checkpoint)
    #expect {
      try export.write(to: directory("no/such.gguf"), replacing: false)
    } throws: { error in
      if case ExportError.file(.notFound) = error { true } else { false }
    }
  }

  @Test func `an existing file is kept unless replacing is requested`() throws {
    let export = try GGUFExport(checkpoint)
    try directory.write("there.gguf", "older")
    let target = directory("there.gguf")
    #expect(throws: ExportError.file(.exists(path: target))) {
      try export.write(to: target, replacing: false)
    }
    let refusal = FileError.notReplaced(path: target, found: "is not a GGUF file")
    #expect(throws: ExportError.file(refusal)) { try export.write(to: target, replacing: true) }
    #expect(try directory.bytes("there.gguf") == Array("older".utf8))
    try directory.write("there.gguf", "GGUF, an older one")
    try export.write(to: target, replacing: true)
    #expect(try GGUFFile(path: target).header.tensors.count == 75)
    #expect(directory.names == ["there.gguf"])
  }

  @Test func `a tokenizer that is not this model's is refused`() throws {
    try directory.copy(Fixtures.nano, as: "nano")
    try directory.copy(Fixtures.path("tokenizer/tokenizer.json"), as: "nano/tokenizer.json")
    let source = try StoredModel(path: directory("nano"))
    #expect(throws: ExportError.tokenizerSize(tokens: 2048, rows: 256)) {
      try GGUFExport(source)
    }
    try directory.write("nano/tokenizer.json", "{")
    let broken = try StoredModel(path: directory("nano"))
    #expect {
      try GGUFExport(broken)
    } throws: { error in
      if case ExportError.tokenizer = error { true } else { false }
    }
  }

  @Test func `whoever watches can stop it, and nothing is left`() throws {
    let export = try GGUFExport(checkpoint)
    #expect(throws: ExportError.cancelled) {
      try export.write(
        to: directory("stopped.gguf"), replacing: false,
        monitor: Monitor(advance: { _ in }, isCancelled: { true }))
    }
    #expect(directory.names.isEmpty)
  }
}
