import FileAccess
import Foundation
import HuginnModel
import Safetensors
import Tensors
import TestSupport
import Testing

@testable import Checkpoint

/// Which weights count, under the names that libraries give them.
struct WeightFilesTests {
  private let index = SafetensorsIndex.fileName

  private func rename(_ small: SmallCheckpoint, _ name: String, _ other: String) throws {
    try FileManager.default.moveItem(
      atPath: small.directory(name), toPath: small.directory(other))
  }

  @Test(
    arguments: [
      ("model.safetensors", WeightName.Kind.whole, nil),
      ("model.fp16.safetensors", .whole, "fp16"),
      ("model.safetensors.index.json", .index, nil),
      ("model.safetensors.index.bf16.json", .index, "bf16"),
      ("model-00002-of-00004.safetensors", .shard(number: 2, count: 4), nil),
      ("model.fp16-00001-of-00002.safetensors", .shard(number: 1, count: 2), "fp16"),
      ("model-00001-of-00002.fp16.safetensors", .shard(number: 1, count: 2), "fp16"),
    ] as [(String, WeightName.Kind, String?)])
  func `names say what a file is`(name: String, kind: WeightName.Kind, variant: String?) throws {
    let parsed = try #require(WeightName(name))
    #expect(parsed.kind == kind && parsed.variant == variant)
  }

  @Test(arguments: [
    "golden.safetensors", "model.bin", "model-0001-of-0002.safetensors", "model.safetensors.json",
    "model-00003-of-00002.safetensors", "model-00000-of-00002.safetensors", "model.a.b.safetensors",
  ])
  func `other names say nothing`(name: String) { #expect(WeightName(name) == nil) }

  // MARK: - Generations

  @Test func `a whole file wins over an index, and what is left unread is one warning`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let whole = try SmallCheckpoint()
    try whole.write()
    try small.directory.write(
      "model.safetensors", try whole.directory.bytes("model.safetensors"))
    let checkpoint = try Checkpoint(path: small.directory.path)
    #expect(checkpoint.shards.map(\.name) == ["model.safetensors"])
    let warnings = checkpoint.diagnostics.filter { $0.severity == .warning }
    #expect(warnings.map(\.code) == [.weightsUnread])
    #expect(warnings.first?.found == SmallCheckpoint.shardNames.joined(separator: ", "))
    #expect(!checkpoint.diagnostics.containErrors)
  }

  @Test func `a left-over index beside a whole file is one warning`() throws {
    let small = try SmallCheckpoint()
    try small.write()
    try small.directory.write(
      index, #"{"weight_map":{"a":"model-00001-of-00002.safetensors"}}"#)
    let checkpoint = try Checkpoint(path: small.directory.path)
    #expect(checkpoint.findings == ["weights-unread \(index)"])
  }

  @Test func `an index of the whole file itself is not a warning`() throws {
    var small = try SmallCheckpoint()
    small.weightMap = Dictionary(
      uniqueKeysWithValues: (small.shards["model.safetensors"] ?? []).map {
        ($0.name, "./model.safetensors")
      })
    let checkpoint = try small.open()
    #expect(checkpoint.findings.isEmpty)
    #expect(checkpoint.index?.contents?.shardNames == ["model.safetensors"])
  }

  // MARK: - Other names

  @Test func `shards that count themselves are read together, and one that is missing is reported`()
    throws
  {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap = nil
    #expect(try small.open().findings.isEmpty)
    #expect(try small.open().shards.count == 3)
    try FileManager.default.removeItem(atPath: small.directory(SmallCheckpoint.shardNames[1]))
    let findings = try Checkpoint(path: small.directory.path).findings
    #expect(findings == ["shard-missing \(SmallCheckpoint.shardNames[1])"])
  }

  @Test func `the only variant is read, of two one is chosen, and the plain weights come first`()
    throws
  {
    let small = try SmallCheckpoint()
    try small.write()
    try rename(small, "model.safetensors", "model.fp16.safetensors")
    let path = small.directory.path
    #expect(try Checkpoint(path: path).shards.map(\.name) == ["model.fp16.safetensors"])
    let bytes = try small.directory.bytes("model.fp16.safetensors")
    try small.directory.write("model.bf16.safetensors", bytes)
    let undecided = try Checkpoint(path: path)
    #expect(undecided.findings == ["variant-undecided \(path)"])
    #expect(undecided.diagnostics.first?.found == "variants bf16, fp16")
    #expect(
      try Checkpoint(path: path, variant: "bf16").shards.map(\.name) == ["model.bf16.safetensors"])
    let other = try Checkpoint(path: path, variant: "fp8")
    #expect(other.findings == ["variant-undecided \(path)"])
    #expect(other.diagnostics.first?.expected == "weights of variant fp8")
    try small.directory.write("model.safetensors", bytes)
    #expect(try Checkpoint(path: path).shards.map(\.name) == ["model.safetensors"])
  }

  @Test func `the index of a variant is an index, by its path too`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let name = "model.safetensors.index.bf16.json"
    try rename(small, index, name)
    for path in [small.directory.path, small.directory(name)] {
      let checkpoint = try Checkpoint(path: path)
      #expect(checkpoint.shards.count == 3 && checkpoint.findings.isEmpty)
    }
  }

  @Test func `an index may write ./NAME, and a folder is reported as one`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap = small.weightMap?.mapValues { "./" + $0 }
    #expect(try small.open().findings.isEmpty)
    small.weightMap = small.weightMap?.mapValues { "weights/" + $0.dropFirst(2) }
    let folder = try small.open()
    #expect(folder.diagnostics.allSatisfy { $0.code == .shardName || $0.severity != .error })
    #expect(folder.diagnostics.first?.found == "a file in another folder")
  }

  @Test func `a folder with weights inside is named, and so are other things that people have`()
    throws
  {
    let directory = try TemporaryDirectory()
    let small = try SmallCheckpoint()
    try small.write()
    try directory.copy(small.directory.path, as: "sub")
    func finding() throws -> Diagnostic? { try Checkpoint(path: directory.path).diagnostics.first }
    #expect(try finding()?.found == "weights in the folder 'sub'")
    #expect(try finding()?.hint == "give '\(directory("sub"))'")
    try FileManager.default.removeItem(atPath: directory("sub"))
    for (file, found) in [
      ("pytorch_model.bin", "pytorch_model.bin, a pickle"), ("huginn.gguf", "huginn.gguf"),
      ("weights.safetensors", "weights.safetensors"),
    ] {
      try directory.write(file, "x")
      #expect(try finding()?.code == .checkpointEmpty)
      #expect(try finding()?.found == found)
      try FileManager.default.removeItem(atPath: directory(file))
    }
    try directory.write("adapter_config.json", "{}")
    #expect(try finding()?.code == .checkpointAdapter)
  }

  @Test func `one shard of several is reported as such, in one finding`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let name = SmallCheckpoint.shardNames[1]
    let errors = try Checkpoint(path: small.directory(name)).diagnostics.filter {
      $0.severity == .error
    }
    #expect(errors.map(\.code) == [.shardAlone])
    #expect(errors.first?.found == "number 2 of 3")
  }

  // MARK: - More than the index names

  @Test func `a tied head that the index does not name is taken, another tensor is refused`() throws
  {
    var small = try SmallCheckpoint(isSharded: true)
    let embedding = try #require(small.tensor("transformer.wte.weight"))
    let map = small.weightMap
    let shard = SmallCheckpoint.shardNames[2]
    small.shards[shard]?.append(
      .init(name: "lm_head.weight", dtype: "F32", shape: embedding.shape, bytes: embedding.bytes))
    small.weightMap = map
    let checkpoint = try small.open()
    #expect(checkpoint.findings == ["tensor-unlisted lm_head.weight"])
    #expect(checkpoint.tensors["lm_head.weight"] != nil)
    // What the index counts is what it names.
    let listed = checkpoint.tensors.filter { $0.key != "lm_head.weight" }
    let total = listed.values.reduce(0) { $0 + $1.byteRange.count }
    let counted = try small.write(totalSize: "\(total)")
    #expect(
      try Checkpoint(path: counted.path).findings == ["tensor-unlisted lm_head.weight"])
    small.shards[shard]?.append(
      .init(name: "other", dtype: "F32", shape: [1], bytes: [0, 0, 0, 0]))
    #expect(try small.open().findings.contains("tensor-not-in-index other"))
  }

  // MARK: - Names

  @Test func `names that a wrapper saved are taken as the model's, with one warning`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    for shard in small.shards.keys {
      small.shards[shard] = small.shards[shard]?.map {
        .init(name: "module." + $0.name, dtype: $0.dtype, shape: $0.shape, bytes: $0.bytes)
      }
    }
    small.weightMap = Dictionary(
      uniqueKeysWithValues: (small.weightMap ?? [:]).map { ("module." + $0, $1) })
    let checkpoint = try small.open()
    #expect(checkpoint.findings == ["names-renamed module"])
    #expect(
      Set(checkpoint.tensors.keys) == Set(try #require(checkpoint.config).tensors.map(\.name)))
    #expect(checkpoint.tensors.allSatisfy { $0.key == $0.value.description.name })
  }

  @Test func `names that do not all map are one finding, and an adapter is reported as one`()
    throws
  {
    var small = try SmallCheckpoint()
    small.shards["model.safetensors"] = small.shards["model.safetensors"]?.enumerated().map {
      .init(
        name: ($0 == 0 ? "other.step" : "module." + $1.name), dtype: $1.dtype, shape: $1.shape,
        bytes: $1.bytes)
    }
    let finding = try #require(try small.open().diagnostics.first)
    #expect(try small.open().diagnostics.map(\.code) == [.namesUnknown])
    #expect(finding.found?.contains("not other.step") == true)
    #expect(finding.found?.contains("nothing for transformer.wte.weight") == true)
    small.shards["model.safetensors"] = [
      .init(
        name: "base_model.model.transformer.adapter.lora_A.weight", dtype: "F32", shape: [1],
        bytes: [0, 0, 0, 0])
    ]
    #expect(try small.open().diagnostics.map(\.code) == [.checkpointAdapter])
  }

  @Test func `a head that is left of a tied pair is the embedding`() throws {
    var small = try SmallCheckpoint()
    small.shards["model.safetensors"] = small.shards["model.safetensors"]?.map {
      $0.name == "transformer.wte.weight"
        ? .init(name: "lm_head.weight", dtype: $0.dtype, shape: $0.shape, bytes: $0.bytes) : $0
    }
    let checkpoint = try small.open()
    #expect(checkpoint.findings.isEmpty)
    #expect(checkpoint.tensors["transformer.wte.weight"] != nil)
    #expect(checkpoint.modelNames == ["lm_head.weight": "transformer.wte.weight"])
  }

  @Test func `a hub's cache as a whole names the models in it`() throws {
    let directory = try TemporaryDirectory()
    for name in ["models--a--b", "models--c--d", ".locks"] {
      try FileManager.default.createDirectory(
        atPath: directory(name), withIntermediateDirectories: true)
    }
    let findings = try Checkpoint(path: directory.path).diagnostics
    #expect(findings.map(\.code) == [.checkpointEmpty])
    #expect(findings.first?.found == "a hub's cache of models--a--b, models--c--d")
  }

  @Test func `a hub folder with refs alone holds no snapshot`() throws {
    let directory = try TemporaryDirectory()
    let path = directory("models--org--name")
    try FileManager.default.createDirectory(
      atPath: "\(path)/refs", withIntermediateDirectories: true)
    let findings = try Checkpoint(path: path).diagnostics
    #expect(findings.map(\.code) == [.checkpointEmpty])
    #expect(findings.first?.found == "refs, but no snapshot")
  }
}
