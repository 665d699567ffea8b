import Checkpoint
import Foundation
import HuginnModel
import TestSupport
import Testing

/// Folders of `hf download --local-dir`, and shards that are not there.
struct UnfinishedDownloadTests {
  private let resume = "start the download again"
  private let fetch = "the checkpoint is not fully downloaded: download this shard"

  private func remove(_ name: String, from directory: TemporaryDirectory) throws {
    try FileManager.default.removeItem(atPath: directory(name))
  }

  /// Writes a file into the folder in which a download keeps its notes.
  private func note(_ name: String, _ bytes: [UInt8], in directory: TemporaryDirectory) throws {
    try FileManager.default.createDirectory(
      atPath: directory(".cache/huggingface/download"), withIntermediateDirectories: true)
    try directory.write(".cache/huggingface/download/\(name)", bytes)
  }

  @Test func `a finished local download has no finding`() throws {
    let directory = try SmallCheckpoint(isSharded: true).write()
    for name in directory.names {
      try note("\(name).metadata", Array("rev\netag\n1.5\n".utf8), in: directory)
      try note("\(name).lock", [], in: directory)
    }
    #expect(try Checkpoint(path: directory.path).findings == [])
  }

  @Test func `an unfinished local download is reported with the shard that is missing`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    let directory = try small.write(totalSize: "\(small.tensorByteCount)")
    let name = SmallCheckpoint.shardNames[0]
    try remove(name, from: directory)
    try note("b1c2.d3e4.incomplete", [UInt8](repeating: 0, count: 1000), in: directory)
    try note("a0.incomplete", [], in: directory)
    let lost = try #require(small.shards[name]).reduce(0) { $0 + $1.bytes.count }
    #expect(
      try Checkpoint(path: directory.path).diagnostics == [
        Diagnostic(
          .downloadUnfinished, subject: ".cache/huggingface/download/a0.incomplete",
          found: "0 bytes so far", hint: resume),
        Diagnostic(
          .downloadUnfinished, subject: ".cache/huggingface/download/b1c2.d3e4.incomplete",
          found: "1000 bytes so far", hint: resume),
        Diagnostic(
          .shardMissing, subject: name, expected: "10 tensors", found: "no file",
          hint: "\(fetch); \(lost) bytes of tensors are missing in all"),
      ])
  }

  @Test func `an unfinished download of a file in a folder is reported`() throws {
    let directory = try SmallCheckpoint().write()
    try directory.makeFolder(".cache/huggingface/download/onnx/fp16")
    try note("onnx/fp16/aB-_=.d3e4.0123abcd.incomplete", [1, 2, 3], in: directory)
    #expect(
      try Checkpoint(path: directory.path).diagnostics == [
        Diagnostic(
          .downloadUnfinished,
          subject: ".cache/huggingface/download/onnx/fp16/aB-_=.d3e4.0123abcd.incomplete",
          found: "3 bytes so far", hint: resume)
      ])
  }

  @Test func `an unfinished file beside the weights is reported and not read`() throws {
    let directory = try SmallCheckpoint().write()
    try directory.write("model-00002.safetensors.incomplete", [1, 2])
    let checkpoint = try Checkpoint(path: directory.path)
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .downloadUnfinished, subject: "model-00002.safetensors.incomplete",
          found: "2 bytes so far", hint: resume)
      ])
    #expect(!checkpoint.diagnostics.containErrors)
  }

  @Test func `the blobs of a folder that is not a snapshot are not its own`() throws {
    let parent = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: parent("blobs"), withIntermediateDirectories: false)
    try parent.write("blobs/ab.incomplete", [1])
    try FileManager.default.createDirectory(
      atPath: parent("a"), withIntermediateDirectories: false)
    let small = try SmallCheckpoint().write()
    try withExtendedLifetime(small) { _ = try parent.copy(small.path, as: "a/checkpoint") }
    #expect(try Checkpoint(path: parent("a/checkpoint")).findings == [])
  }

  // MARK: - Missing shards

  @Test func `each missing shard is reported with its tensors, and the bytes of all`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    let directory = try small.write(totalSize: "\(small.tensorByteCount)")
    for name in SmallCheckpoint.shardNames.dropFirst() { try remove(name, from: directory) }
    let there = try #require(small.shards[SmallCheckpoint.shardNames[0]])
    let missing = small.tensorByteCount - there.reduce(0) { $0 + $1.bytes.count }
    let hint = "\(fetch); \(missing) bytes of tensors are missing in all"
    #expect(
      try Checkpoint(path: directory.path).diagnostics == [
        Diagnostic(
          .shardMissing, subject: SmallCheckpoint.shardNames[1], expected: "19 tensors",
          found: "no file", hint: hint),
        Diagnostic(
          .shardMissing, subject: SmallCheckpoint.shardNames[2], expected: "10 tensors",
          found: "no file", hint: hint),
      ])
  }

  @Test(arguments: ["0", "-1", "\(Int.min)", "1", "\"many\"", "1.5e9", "null"])
  func `a total that cannot be right names no bytes`(total: String) throws {
    let directory = try SmallCheckpoint(isSharded: true).write(totalSize: total)
    try remove(SmallCheckpoint.shardNames[0], from: directory)
    let diagnostics = try Checkpoint(path: directory.path).diagnostics
    #expect(diagnostics.map(\.code) == [.shardMissing])
    #expect(diagnostics.map(\.hint) == [fetch])
  }

  // MARK: - The shard of a tied head

  private static let headShard = "model-00004-of-00004.safetensors"

  /// A checkpoint whose last shard, with the head alone, was not downloaded.
  private func withoutHeadShard(
    _ config: ConfigText, alsoLost: Bool = false
  ) throws -> TemporaryDirectory {
    var small = try SmallCheckpoint(config, isSharded: true)
    small.shards = small.shards.mapValues { $0.filter { $0.name != SmallCheckpoint.headName } }
    let embedding = try #require(small.tensor("transformer.wte.weight"))
    small.add(
      SmallCheckpoint.headName, embedding.shape, [Float](repeating: 0, count: 16 * 12),
      to: Self.headShard)
    if alsoLost { small.add("transformer.extra", [1], [0], to: Self.headShard) }
    let directory = try small.write(totalSize: "\(small.tensorByteCount)")
    try remove(Self.headShard, from: directory)
    return directory
  }

  @Test func `a shard of nothing but the tied head may be missing`() throws {
    let directory = try withoutHeadShard(.smallest)
    let checkpoint = try Checkpoint(path: directory.path)
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .headShardMissing, subject: Self.headShard,
          hint: "nothing to do: the embedding is the head")
      ])
    #expect(!checkpoint.diagnostics.containErrors)
  }

  @Test func `an untied head is missing with its shard`() throws {
    let directory = try withoutHeadShard(ConfigText.smallest.setting("tie_embeddings", "false"))
    let diagnostics = try Checkpoint(path: directory.path).diagnostics
    #expect(
      diagnostics == [
        Diagnostic(
          .shardMissing, subject: Self.headShard, expected: "1 tensors", found: "no file",
          hint: "\(fetch); 768 bytes of tensors are missing in all")
      ])
  }

  @Test func `a shard with more than the tied head is missing`() throws {
    let directory = try withoutHeadShard(.smallest, alsoLost: true)
    let diagnostics = try Checkpoint(path: directory.path).diagnostics
    #expect(diagnostics.map(\.code) == [.shardMissing])
    #expect(diagnostics.map(\.expected) == ["2 tensors"])
  }
}
