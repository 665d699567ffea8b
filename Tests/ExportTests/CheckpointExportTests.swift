import Checkpoint
import Models
import Conversion
import FileAccess
import Foundation
import HuginnModel
import PackFormat
import Parallelism
import Quantization
import Safetensors
import StrictJSON
import Tensors
import TestSupport
import Testing

@testable import Export

struct CheckpointExportTests {
  private let directory: TemporaryDirectory
  private let checkpoint: StoredModel

  init() throws {
    directory = try TemporaryDirectory()
    checkpoint = try StoredModel(path: Fixtures.tiny)
  }

  private func pack(_ weights: String, stages: [Stage: String] = [:]) throws -> StoredModel {
    try StoredModel(converting: checkpoint, weights, stages: stages, in: directory)
  }

  private func export(
    _ source: StoredModel, _ change: (inout CheckpointExport.Options) -> Void = { _ in }
  ) throws -> String {
    var options = CheckpointExport.Options(tool: .test)
    change(&options)
    let target = directory("export")
    _ = try CheckpointExport(source, options).write(to: target)
    return target
  }

  /// The bytes of every tensor of an export, by name, read by the checkpoint's own reader.
  private func tensors(_ path: String) throws -> [String: (DType, Shape, [UInt8])] {
    var found: [String: (DType, Shape, [UInt8])] = [:]
    for name in directory.names(in: path) where name.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path: "\(path)/\(name)")
      for entry in file.header.entries {
        let start = file.dataOffset + entry.dataRange.lowerBound
        found[entry.tensor.name] = (
          entry.tensor.dtype, entry.tensor.shape,
          try file.file.read(at: start, count: entry.dataRange.count)
        )
      }
    }
    return found
  }

  private func sourceBytes(_ name: String) throws -> [UInt8] {
    let tensor = try #require(checkpoint.tensors[name])
    return try tensor.file.read(at: tensor.byteRange.lowerBound, count: tensor.byteRange.count)
  }

  // MARK: - Values

  @Test func `a checkpoint exported in its own dtype has the same bytes`() throws {
    let path = try export(checkpoint) { $0.shardByteLimit = 5_000_000 }
    let exported = try tensors(path)
    for tensor in try #require(checkpoint.config).tensors {
      #expect(exported[tensor.name]?.2 == (try sourceBytes(tensor.name)), "\(tensor.name)")
    }
    #expect(exported.count == 76)
    let opened = try StoredModel(path: path)
    #expect(!opened.diagnostics.containErrors && opened.weightFiles.count == 3)
    #expect(opened.diagnostics.isEmpty)
  }

  @Test(arguments: [(.bf16, .bf16), (.f16, .f16)] as [(Encoding, DType)])
  func `values are rounded once, to nearest`(encoding: Encoding, dtype: DType) throws {
    let path = try export(checkpoint) { $0.values = encoding }
    let exported = try tensors(path)
    for name in ["transformer.core_block.1.mlp.fc.weight", "transformer.ln_f.weight"] {
      let source = try sourceBytes(name)
      let expected = stride(from: 0, to: source.count, by: 4).flatMap { index in
        let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(source[index + $1]) << (8 * $1) }
        let value = Float(bitPattern: bits)
        return SafetensorsBuilder.littleEndian(
          encoding == .f16 ? value.f16Bits : value.bf16Bits)
      }
      #expect(exported[name]?.0 == dtype)
      #expect(exported[name]?.2 == expected)
    }
    // The table is not a weight and keeps its precision.
    #expect(exported["freqs_cis"]?.0 == .f32)
    let members = try config(path)
    #expect(members["torch_dtype"] == .string(encoding == .f16 ? "float16" : "bfloat16"))
    #expect(members["n_embd"] == 160)
  }

  @Test func `a pack exports what it decodes to`() throws {
    let source = try pack("int8")
    let path = try export(source)
    let diff = try Diff(source, (try StoredModel(path: path)))
    #expect(diff.differences.allSatisfy { !$0.exceeds(0) })
  }

  // MARK: - Codes

  @Test func `w8a8 has the codes and scales of the pack, bit for bit`() throws {
    let source = try pack("int8:row", stages: [.coda: "f16"])
    let path = try export(source) { $0.scheme = .w8a8 }
    let exported = try tensors(path)
    let module = "transformer.core_block.2.attn.Wqkv"
    let layout = try #require(source.tensors["\(module).weight"]?.layout)
    let pack = try #require(source.pack)
    let rows = 0..<layout.tensor.shape.rows
    #expect(exported["\(module).weight"]?.0 == .i8)
    #expect(exported["\(module).weight"]?.2 == (try pack.bytes(of: layout, plane: 0, rows: rows)))
    #expect(exported["\(module).weight_scale"]?.1 == Shape(rows.count, 1))
    #expect(
      exported["\(module).weight_scale"]?.2 == (try pack.bytes(of: layout, plane: 1, rows: rows)))
    // Coda and embedding stay values, and every linear module of the coda is ignored by name.
    #expect(exported["transformer.wte.weight"]?.0 == .f32)
    #expect(exported["transformer.coda.0.mlp.fc.weight"]?.0 == .f32)
    let config = try quantization(path)
    #expect(config["format"] == "int-quantized")
    let kinds = ["attn.Wqkv", "attn.proj", "mlp.fc", "mlp.proj"]
    let ignored = (0..<2).flatMap { layer in kinds.map { "transformer.coda.\(layer).\($0)" } }
    #expect(config["ignore"] == .array((["lm_head"] + ignored).map { .string($0) }))
  }

  @Test func `w8a16 packs four codes into a word, the first column lowest`() throws {
    let source = try pack("int8", stages: [.core: "int8:row"])
    let path = try export(source) {
      $0.scheme = .w8a16
      $0.values = .bf16
    }
    let exported = try tensors(path)
    for module in ["transformer.prelude.0.mlp.proj", "transformer.adapter"] {
      let layout = try #require(source.tensors["\(module).weight"]?.layout)
      let (rows, columns) = (layout.tensor.shape.rows, layout.tensor.shape.columns)
      let pack = try #require(source.pack)
      let codes = try pack.bytes(of: layout, plane: 0, rows: 0..<rows)
      let packed = try #require(exported["\(module).weight_packed"])
      #expect(packed.0 == .i32 && packed.1 == Shape(rows, columns / 4))
      for index in [0, 1, 2, 3, codes.count / 2, codes.count - 1] {
        let word = index / 4 * 4
        let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(packed.2[word + $1]) << (8 * $1) }
        let field = Int(value >> (8 * UInt32(index % 4)) & 0xFF)
        #expect(field - 128 == Int(Int8(bitPattern: codes[index])))
      }
      #expect(exported["\(module).weight_shape"]?.2 == littleEndian(rows) + littleEndian(columns))
      let groups = module == "transformer.adapter" ? 1 : columns / 32
      #expect(exported["\(module).weight_scale"]?.1 == Shape(rows, groups))
      #expect(exported["\(module).weight_scale"]?.0 == .f32)
    }
    let config = try quantization(path)
    #expect(config["format"] == "mixed-precision")
    guard case .object(let groups)? = config["config_groups"] else {
      Issue.record("no groups")
      return
    }
    #expect(groups.count == 2)
  }

  @Test func `w4a16 has the codes plane of the pack byte for byte, and int8 beside it`() throws {
    let source = try pack("int4", stages: [.coda: "int8", .prelude: "bf16"])
    let path = try export(source) { $0.scheme = .w4a16 }
    let exported = try tensors(path)
    let pack = try #require(source.pack)
    for (module, codesInWord) in [("transformer.adapter", 8), ("transformer.coda.0.mlp.fc", 4)] {
      let layout = try #require(source.tensors["\(module).weight"]?.layout)
      let (rows, columns) = (layout.tensor.shape.rows, layout.tensor.shape.columns)
      let packed = try #require(exported["\(module).weight_packed"])
      #expect(packed.0 == .i32 && packed.1 == Shape(rows, columns / codesInWord))
      let codes = try pack.bytes(of: layout, plane: 0, rows: 0..<rows)
      #expect(packed.2 == TensorExport.words(codes, layout.encoding))
      #expect(codesInWord == 4 || packed.2 == codes)
      #expect(exported["\(module).weight_scale"]?.0 == .f32)
      #expect(exported["\(module).weight_scale"]?.1 == Shape(rows, columns / 32))
      #expect(exported["\(module).weight_shape"]?.2 == littleEndian(rows) + littleEndian(columns))
    }
    #expect(exported["transformer.prelude.0.mlp.fc.weight"]?.0 == .f32)
    let config = try quantization(path)
    #expect(config["format"] == "mixed-precision")
    guard case .object(let groups)? = config["config_groups"] else {
      Issue.record("no groups")
      return
    }
    let bits = groups.values.compactMap { group -> JSONValue? in
      guard case .object(let members) = group, case .object(let weights)? = members["weights"]
      else { return nil }
      return weights["num_bits"]
    }
    #expect(groups.count == 2 && bits.contains(4) && bits.contains(8))
    // What is read back has every value of the pack.
    let diff = try Diff(source, try StoredModel(path: path))
    #expect(diff.differences.allSatisfy { !$0.exceeds(0) })
  }

  @Test func `codes are packed as the page shows`() throws {
    let codes: [Int8] = [-127, -1, 0, 1, 127, 2, -2, 64]
    let packed = TensorExport.words(codes.map { UInt8(bitPattern: $0) }, .int8)
    #expect(try Fixtures.page("exports.md").contains(HexDump.text(of: packed)))
  }

  @Test func `what a scheme cannot express is refused with what to convert to`() throws {
    var options = CheckpointExport.Options(tool: .test)
    options.scheme = .w8a8
    let name = "transformer.prelude.0.attn.Wqkv.weight"
    #expect(
      throws: ExportError.encoding(
        tensor: name, .int8, scheme: "w8a8", convertTo: "int8:row")
    ) { try CheckpointExport(try pack("int8"), options) }
    let noCodes = ExportError.noCodes(scheme: "w8a8", convertTo: "int8:row")
    #expect(throws: noCodes) { try CheckpointExport(checkpoint, options) }
    #expect(throws: noCodes) { try CheckpointExport(try pack("f16"), options) }
  }

  // MARK: - Files

  @Test func `an existing export is replaced only on request, and only an export`() throws {
    let source = checkpoint
    let path = try export(source)
    #expect(throws: ExportError.file(.exists(path: path))) { try export(source) }
    try directory.write("export/.DS_Store", "the Finder's")
    _ = try export(source) { $0.replacing = true }
    #expect(!directory.names(in: path).contains(".DS_Store"))
    try directory.write("export/other.txt", "not an export's")
    #expect(
      throws: ExportError.file(
        .notReplaced(path: path, found: "holds 'other.txt', which is not part of the export"))
    ) { try export(source) { $0.replacing = true } }
    #expect(directory.names.filter { $0.hasPrefix("export") } == ["export"])
  }

  /// Why the export that is there is not replaced; nil where it is.
  private func objection() throws -> String? {
    do {
      _ = try export(checkpoint) { $0.replacing = true }
      return nil
    } catch ExportError.file(.notReplaced(directory("export"), let found)) {
      return found
    }
  }

  @Test func `an export is known by its mark, and by the bytes of its files`() throws {
    let path = try export(checkpoint) { $0.shardByteLimit = 1_000_000 }
    let mark = try directory.bytes("export/muninn-export.json")
    var document = try JSONObject(try JSONValue(parsing: mark))
    #expect(try document.string("format") == "muninn-export")
    let listed = try document.objects("files").map { file in
      var file = file
      let name = try file.string("name")
      let bytes = try directory.bytes("export/\(name)")
      #expect(try file.count("bytes") == bytes.count)
      return name
    }
    #expect(listed.count > 3)
    #expect((listed + ["muninn-export.json"]).sorted() == directory.names(in: path))
    #expect(try objection() == nil)

    // Weights that were trained on, of the same length; a config that was edited; what is no file.
    let shard = "model.safetensors"
    for name in [shard, "config.json"] {
      let bytes = try directory.bytes("export/\(name)")
      for offset in [0, max(0, bytes.count - 16_384) * 32 / 63, bytes.count - 1] {
        var changed = bytes
        changed[offset] ^= 1
        try directory.write("export/\(name)", changed)
        #expect(try objection() == "holds '\(name)', which was changed after the export")
      }
      try directory.write("export/\(name)", bytes + [0])
      #expect(try objection() == "holds '\(name)', which was changed after the export")
      try directory.write("export/\(name)", bytes)
    }
    // What is gone needs no care.
    try FileManager.default.removeItem(atPath: "\(path)/\(shard)")
    #expect(try objection() == nil)
  }

  @Test func `a directory without the mark of an export is not replaced`() throws {
    let path = try export(checkpoint)
    let mark = try directory.bytes("export/muninn-export.json")
    let text = String(decoding: mark, as: UTF8.self)
    let broken = [
      text + "x", text.replacing("muninn-export", with: "other-export"),
      text.replacing("\"version\": 1", with: "\"version\": 2"),
      text.replacing("\"sample\": \"", with: "\"sample\": \"x"),
      text.replacing("\"tool\"", with: "\"also\": 1, \"tool\""), "",
    ]
    for text in broken {
      #expect(text != String(decoding: mark, as: UTF8.self))
      try directory.write("export/muninn-export.json", text)
      #expect(try objection()?.hasPrefix("has an invalid 'muninn-export.json': ") == true)
    }
    try FileManager.default.removeItem(atPath: "\(path)/muninn-export.json")
    #expect(
      try objection()
        == "has no 'muninn-export.json': it is not an export, or one of an older version")
    // A checkpoint is nobody's export.
    try FileManager.default.removeItem(atPath: path)
    try directory.copy(Fixtures.nano, as: "export")
    #expect(try objection()?.hasPrefix("has no 'muninn-export.json'") == true)
    try FileManager.default.removeItem(atPath: path)
    try directory.write("export", "a file")
    #expect(try objection() == "is a regular file")
    // Of an empty directory nothing is lost.
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(try objection() == nil)
  }

  @Test func `an export is a checkpoint, and its mark is not part of that`() throws {
    let model = try StoredModel(path: try export(checkpoint))
    #expect(model.diagnostics.allSatisfy { $0.severity != .error })
    #expect(model.diagnostics.allSatisfy { !$0.subject.contains("muninn-export") })
    let pack = directory("pack")
    _ = try Converter(try ConversionPlan(model, Recipe()))
      .write(to: pack, Converter.Options(tool: .test))
    #expect(!directory.names(in: pack).contains("muninn-export.json"))
    // An export of an export has a mark of its own.
    _ = try CheckpointExport(model, CheckpointExport.Options(tool: .test)).write(
      to: directory("again"))
    #expect(
      try directory.bytes("again/muninn-export.json")
        == (try directory.bytes("export/muninn-export.json")))
  }

  @Test func `an export never replaces its source, even when asked to`() throws {
    let path = try directory.copy(Fixtures.nano, as: "model")
    let model = try StoredModel(path: path)
    let single = try StoredModel(path: "\(path)/model.safetensors")
    let names = directory.names(in: path)
    let cases: [(StoredModel, String, FileError.Overlap)] = [
      (model, path, .isInput), (model, "\(path)/new", .liesIn), (model, directory.path, .holds),
      (model, "\(path)/model.safetensors", .isInput), (single, path, .holds),
      (single, "\(path)/model.safetensors", .isInput), (single, "\(path)/config.json", .isInput),
    ]
    for (model, target, overlap) in cases {
      var options = CheckpointExport.Options(tool: .test)
      for replacing in [false, true] {
        options.replacing = replacing
        for write in [
          { _ = try CheckpointExport(model, options).write(to: target) },
          { try GGUFExport(model).write(to: target, replacing: replacing) },
        ] {
          do {
            try write()
            Issue.record("\(target)")
          } catch ExportError.file(.overlapsInput(let path, let found, _)) {
            #expect(path == target && found == overlap)
          }
        }
      }
    }
    #expect(directory.names(in: path) == names)
    try GGUFExport(single).write(to: "\(path)/model.gguf", replacing: false)
    try GGUFExport(single).write(to: "\(path)/model.gguf", replacing: true)
  }

  @Test func `no export is written into a pack`() throws {
    let pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack.muninn")
    let names = directory.names(in: pack)
    let source = checkpoint
    let refusal = ExportError.pack(
      .insidePack(path: "\(pack)/x", pack: try resolvedPath(pack)))
    #expect(throws: refusal) {
      try CheckpointExport(source, CheckpointExport.Options(tool: .test)).write(to: "\(pack)/x")
    }
    #expect(throws: refusal) { try GGUFExport(source).write(to: "\(pack)/x", replacing: true) }
    #expect(directory.names(in: pack) == names)
  }

  @Test func `a value beyond the dtype ends the export`() throws {
    try directory.copy(Fixtures.nano, as: "large")
    let nano = try StoredModel(path: directory("large"))
    let name = "transformer.wte.weight"
    let range = try #require(nano.tensors[name]).byteRange
    var bytes = try directory.bytes("large/model.safetensors")
    for start in [range.lowerBound, range.upperBound - 4] {
      bytes.replaceSubrange(
        start..<start + 4, with: SafetensorsBuilder.littleEndian(Float(1e5).bitPattern))
    }
    try directory.write("large/model.safetensors", bytes)
    let source = try StoredModel(path: directory("large"))
    let overflow = EncodingError.overflow(encoding: .f16, count: 2, largest: 1e5)
    #expect(throws: ExportError.values(tensor: name, overflow)) {
      try export(source) { $0.values = .f16 }
    }
    #expect(directory.names == ["large"])
  }

  @Test func `whoever watches can stop it, and nothing is left`() throws {
    let export = try CheckpointExport(checkpoint, CheckpointExport.Options(tool: .test))
    let impatient = Monitor(advance: { _ in }, isCancelled: { true })
    #expect(throws: ExportError.cancelled) {
      try export.write(to: directory("stopped"), monitor: impatient)
    }
    #expect(directory.names.isEmpty)
  }

  @Test func `a checkpoint that is written to meanwhile is not exported`() throws {
    try directory.copy(Fixtures.nano, as: "changing")
    let source = try StoredModel(path: directory("changing"))
    let shard = "changing/model.safetensors"
    var bytes = try directory.bytes(shard)
    bytes[bytes.count - 1] ^= 1
    try directory.write(shard, bytes)
    #expect(throws: ExportError.file(.changed(path: directory(shard)))) { try export(source) }
    #expect(directory.names == ["changing"])
  }

  @Test func `sidecars go with the weights, what only has the name of one does not`() throws {
    try directory.copy(Fixtures.nano, as: "beside")
    try directory.write("beside/LICENSE", "free")
    try FileManager.default.createSymbolicLink(
      atPath: directory("beside/NOTICE"), withDestinationPath: "nowhere")
    let source = try StoredModel(path: directory("beside"))
    #expect(try source.sidecars()?.skipped == ["NOTICE"])
    let path = try export(source)
    #expect(
      directory.names(in: path) == [
        "LICENSE", "config.json", "generation_config.json", "model.safetensors",
        "muninn-export.json",
      ])
    #expect(try directory.bytes("export/LICENSE") == Array("free".utf8))
  }

  @Test func `a checkpoint with errors is not exported`() throws {
    try directory.copy(Fixtures.nano, as: "cut")
    try directory.write(
      "cut/model.safetensors", Array(try directory.bytes("cut/model.safetensors").dropLast(4)))
    let cut = try StoredModel(path: directory("cut"))
    #expect(throws: ExportError.model(.refused(path: directory("cut"), cut.diagnostics))) {
      try CheckpointExport(cut, CheckpointExport.Options(tool: .test))
    }
  }

  @Test func `the release is split into shards as it was published`() throws {
    let config = try #require(HuginnConfig.parse(Array(ReleaseConfig.text.utf8)).config)
    let table = ExportTensor(
      name: "freqs_cis", shape: config.rotaryTableShape, content: .rotaryTable)
    let tensors = config.stateDictTensors.map { tensor in
      ExportTensor(
        name: tensor.name, shape: tensor.shape, content: .values(of: tensor.name, as: .f32))
    }
    let plan = ShardPlan([table] + tensors, byteLimit: 5_000_000_000)
    // The sizes of the published files without their headers; the fourth has the tied head alone.
    #expect(
      plan.shards.map { $0.tensors.reduce(0) { $0 + $1.byteCount } } == [
        4_771_970_936 - 2552, 4_744_780_096 - 3136, 4_744_737_616 - 2896,
      ])
    let straddling = [0, 3].map { layer in
      plan.shards.indices.filter { index in
        plan.shards[index].tensors.contains { $0.name.contains("core_block.\(layer).") }
      }
    }
    #expect(straddling == [[0, 1], [1, 2]])
  }

  private func config(_ path: String) throws -> [String: JSONValue] {
    let bytes = try InputFile.contents(of: "\(path)/config.json", limit: 1 << 20)
    guard case .object(let members) = try JSONValue(parsing: bytes) else { return [:] }
    return members
  }

  private func quantization(_ path: String) throws -> [String: JSONValue] {
    guard case .object(let config)? = try config(path)["quantization_config"] else { return [:] }
    return config
  }

  private func littleEndian(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  @Test(
    arguments: [
      (["dtype": "\"float32\""], ["dtype"]), (["torch_dtype": "\"float32\""], ["torch_dtype"]),
      ([:], ["dtype", "torch_dtype"]),
      (["dtype": "\"float16\"", "torch_dtype": "\"float32\""], ["dtype", "torch_dtype"]),
    ] as [([String: String], [String])])
  func `the config names the dtype under the keys that the source has`(
    members: [String: String], keys: [String]
  ) throws {
    var text = ConfigText.smallest
    text.members.merge(members) { $1 }
    text.members["quantization_config"] = #"{"quant_method":"gptq"}"#
    text.members["x"] = "NaN"
    let small = try SmallCheckpoint(text)
    try small.write()
    let path = try export(try StoredModel(path: small.directory.path)) { $0.values = .bf16 }
    let bytes = try InputFile.contents(of: "\(path)/config.json", limit: 1 << 16)
    guard case .object(let found) = try JSONValue(parsing: bytes, dialect: .python) else { return }
    for key in ["dtype", "torch_dtype"] {
      #expect(found[key] == (keys.contains(key) ? "bfloat16" : nil))
    }
    #expect(found["quantization_config"] == nil && found["x"] == .notFinite(.nan))
  }

  @Test
  func `Python files that the config names are copied with the weights, or reported as missing`()
    throws
  {
    var text = ConfigText.smallest
    text.members["auto_map"] =
      #"{"AutoConfig":"raven_config.Config","AutoModel":["raven.Model",null],"X":"org/repo--other.Y"}"#
    let small = try SmallCheckpoint(text)
    try small.write()
    try small.directory.write("raven_config.py", "import torch\n")
    try small.directory.write(
      "raven.py", "from .raven_config import Config\nfrom .extra import f\n")
    try small.directory.write("unrelated.py", "")
    let model = try StoredModel(path: small.directory.path)
    let plan = try CheckpointExport(model, CheckpointExport.Options(tool: .test))
    #expect(plan.missingCode == ["extra.py"])
    let path = try export(model)
    #expect(
      directory.names(in: path).filter { $0.hasSuffix(".py") } == ["raven.py", "raven_config.py"])
    // What was exported can be replaced, code included.
    _ = try export(model) { $0.replacing = true }
  }

  @Test func `a stored head that differs is not dropped by an export`() throws {
    var small = try SmallCheckpoint()
    let embedding = try #require(small.tensor("transformer.wte.weight"))
    small.shards["model.safetensors"]?.append(
      .init(name: "lm_head.weight", dtype: "F32", shape: embedding.shape, bytes: embedding.bytes))
    try small.write()
    _ = try export(try StoredModel(path: small.directory.path))
    small.edit("lm_head.weight") { $0.bytes[0] ^= 1 }
    try small.write()
    let model = try StoredModel(path: small.directory.path)
    #expect {
      try CheckpointExport(model, CheckpointExport.Options(tool: .test)).write(to: directory("no"))
    } throws: { error in
      if case ExportError.model(.refused) = error { true } else { false }
    }
    #expect(!directory.names.contains("no"))
  }
}

extension TemporaryDirectory {
  fileprivate func names(in path: String) -> [String] {
    ((try? directoryContents(path)) ?? []).sorted()
  }
}
