import Checkpoint
import FileAccess
import Foundation
import HuginnModel
import Safetensors
import TestSupport
import Testing

/// What is found wrong with index and shards.
struct CheckpointFilesTests {
  private let names = SmallCheckpoint.shardNames
  private let index = SafetensorsIndex.fileName

  /// Makes a file of this length without writing it.
  private func truncateFile(_ path: String, to length: Int) throws {
    try #require(FileManager.default.createFile(atPath: path, contents: nil))
    try #require(truncate(path, length) == 0)
  }

  // MARK: - No weights

  @Test func `a directory without weights is empty`() throws {
    let small = try SmallCheckpoint()
    try small.write()
    try FileManager.default.removeItem(atPath: small.directory("model.safetensors"))
    let path = small.directory.path
    #expect(
      try Checkpoint(path: path).diagnostics == [
        Diagnostic(
          .checkpointEmpty, subject: path,
          expected: "model.safetensors.index.json or model.safetensors", found: "neither",
          hint: "give the directory that the release was downloaded to")
      ])
  }

  @Test func `files of other names are named`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    try FileManager.default.removeItem(atPath: small.directory(index))
    let others = ["a.safetensors", "b.safetensors", "c.safetensors"]
    for (name, other) in zip(names, others) {
      try FileManager.default.moveItem(
        atPath: small.directory(name), toPath: small.directory(other))
    }
    let checkpoint = try Checkpoint(path: small.directory.path)
    #expect(checkpoint.findings == ["checkpoint-empty \(small.directory.path)"])
    #expect(checkpoint.diagnostics[0].found == others.joined(separator: ", "))
    #expect(checkpoint.diagnostics[0].hint == "name the file itself, or fetch the index")
  }

  // MARK: - The index

  @Test(arguments: [
    ("{", "the JSON ends at byte 1, inside a value"),
    ("{}", "the key 'weight_map' is missing"),
    (#"{"weight_map":{"a":1}}"#, "'weight_map.a' is 1, expected a string"),
    ("[1", "the JSON ends at byte 2, inside a value"), ("", "the file is empty"),
    (
      "<html>",
      "this is a web page, probably an error or login page saved by the download; "
        + "download the file again"
    ),
  ])
  func `an invalid index is one finding`(text: String, found: String) throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    try small.directory.write(index, text)
    let checkpoint = try Checkpoint(path: small.directory.path)
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .indexMalformed, subject: index, found: found, hint: "download the index again")
      ])
    #expect(checkpoint.index?.bytes == Array(text.utf8))
    #expect(checkpoint.index?.contents == nil)
  }

  @Test func `an index that is not a small file is one finding`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let path = small.directory(index)
    try truncateFile(path, to: (16 << 20) + 1)
    let tooLarge = try Checkpoint(path: small.directory.path)
    #expect(tooLarge.findings == ["index-malformed \(index)"])
    #expect(
      tooLarge.diagnostics[0].found
        == "'\(path)' has 16777217 bytes, expected at most 16777216")

    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "../blobs/x")
    let dangling = try Checkpoint(path: small.directory.path)
    #expect(dangling.findings == ["index-malformed \(index)"])
    #expect(
      dangling.diagnostics[0].found == "'\(path)' is a link to '../blobs/x', which does not exist")

    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let folder = try Checkpoint(path: small.directory.path)
    #expect(
      folder.diagnostics.map(\.found) == ["'\(path)' is a directory, expected a regular file"])
  }

  @Test func `an index that names nothing leaves everything missing`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap = [:]
    small.shards = [:]
    let checkpoint = try small.open()
    #expect(Set(checkpoint.diagnostics.map(\.code)) == [.layerMissing, .tensorMissing])
    #expect(checkpoint.diagnostics.count == 4 + 3, "the layers and the tensors outside them")
  }

  // MARK: - Names of shards

  @Test(arguments: [
    "../model.safetensors", "a/../b.safetensors", "/etc/passwd", "..", ".", "", ".hidden", "a b",
    "a\\\\b", "-model.safetensors",
  ])
  func `a shard is named plainly`(name: String) throws {
    var small = try SmallCheckpoint(isSharded: true)
    for tensor in small.shards.removeValue(forKey: names[1]) ?? [] {
      small.weightMap?[tensor.name] = name
    }
    #expect(
      try small.open().diagnostics == [
        Diagnostic(
          .shardName, subject: name.replacing("\\\\", with: "\\"),
          expected: "letters, digits, '.', '_', '-'", found: "a path",
          hint: "do not use this index: it reaches outside the checkpoint's directory")
      ])
  }

  @Test func `the file that a hostile name leads to is not opened`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    let outside = try TemporaryDirectory()
    try outside.write("x.safetensors", "not a safetensors file")
    small.weightMap?["transformer.ln_f.weight"] = "\(outside.path)/x.safetensors"
    let checkpoint = try small.open()
    #expect(checkpoint.findings.first == "shard-name \(outside.path)/x.safetensors")
    #expect(!checkpoint.findings.contains { $0.hasPrefix("shard-malformed") })
  }

  // MARK: - Missing shards

  @Test func `a missing shard is named with what it holds`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.shards[names[1]] = nil
    let checkpoint = try small.open()
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .shardMissing, subject: names[1], expected: "19 tensors", found: "no file",
          hint: "the checkpoint is not fully downloaded: download this shard")
      ])
    #expect(checkpoint.tensors.count == 20)
  }

  @Test func `all missing shards are named in one run`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.shards[names[0]] = nil
    small.shards[names[2]] = nil
    #expect(
      try small.open().findings == ["shard-missing \(names[0])", "shard-missing \(names[2])"])
    try FileManager.default.removeItem(atPath: small.directory(names[1]))
    #expect(
      try Checkpoint(path: small.directory.path).findings == names.map { "shard-missing \($0)" })
  }

  @Test func `a link that leads nowhere is an unfinished download`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.shards[names[2]] = nil
    try FileManager.default.createSymbolicLink(
      atPath: small.directory(names[2]), withDestinationPath: "../../blobs/0.incomplete")
    #expect(try small.open().findings == ["shard-missing \(names[2])"])
  }

  @Test func `many missing shards are found in the time of few`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    for number in 0..<20_000 { small.weightMap?["x\(number)"] = "s\(number)" }
    let checkpoint = try small.open()
    #expect(checkpoint.diagnostics.count == 20_000)
    #expect(checkpoint.diagnostics.allSatisfy { $0.code == .shardMissing })
  }

  @Test func `a missing shard that holds nothing but a tied head is let pass`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap?[SmallCheckpoint.headName] = "head.safetensors"
    let checkpoint = try small.open()
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .headShardMissing, subject: "head.safetensors",
          hint: "nothing to do: the embedding is the head")
      ])
    #expect(!checkpoint.diagnostics.containErrors)
  }

  @Test func `a missing shard with the head and more is missing`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap?[SmallCheckpoint.headName] = "head.safetensors"
    small.weightMap?["freqs_cis"] = "head.safetensors"
    #expect(try small.open().findings == ["shard-missing head.safetensors"])
  }

  @Test(arguments: [
    ConfigText.smallest.setting("tie_embeddings", "false"),
    ConfigText.smallest.setting("n_embd", "0"),
  ])
  func `a head is missing unless it is known to be tied`(text: ConfigText) throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.config = text
    small.weightMap?[SmallCheckpoint.headName] = "head.safetensors"
    #expect(try small.open().findings.contains("shard-missing head.safetensors"))
  }

  @Test func `an index of nothing but a missing tied head is not a checkpoint`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.shards = [:]
    small.weightMap = [SmallCheckpoint.headName: "head.safetensors"]
    let checkpoint = try small.open()
    #expect(checkpoint.findings.first == "head-shard-missing head.safetensors")
    #expect(checkpoint.diagnostics.containErrors)
    #expect(checkpoint.diagnostics.count == 1 + 4 + 3)
  }

  // MARK: - Malformed shards

  @Test func `a truncated shard is named with the bytes that it lacks`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    let bytes = try small.directory.bytes(names[1])
    try small.directory.write(names[1], Array(bytes.dropLast(4)))
    #expect(
      try Checkpoint(path: small.directory.path).diagnostics == [
        Diagnostic(
          .shardMalformed, subject: names[1],
          found:
            "the file has \(bytes.count - 4) bytes, but its tensors end at byte \(bytes.count): "
            + "it is truncated, or its download incomplete",
          hint: "download this shard again")
      ])
  }

  @Test func `every malformed shard is named in one run`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    try small.directory.write(names[0], "version https://git-lfs.github.com/spec/v1\noid sha256:0")
    try FileManager.default.removeItem(atPath: small.directory(names[2]))
    try FileManager.default.createDirectory(
      atPath: small.directory(names[2]), withIntermediateDirectories: false)
    let checkpoint = try Checkpoint(path: small.directory.path)
    #expect(
      checkpoint.findings == ["shard-malformed \(names[0])", "shard-malformed \(names[2])"])
    #expect(checkpoint.diagnostics[0].found?.hasPrefix("this is a git-lfs pointer") == true)
    #expect(
      checkpoint.diagnostics[1].found
        == "'\(small.directory(names[2]))' is a directory, expected a regular file")
  }

  // MARK: - Index against shards

  @Test func `a tensor is in the shard that the index names`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap?["transformer.ln_f.weight"] = names[0]
    small.weightMap?["z"] = names[1]
    #expect(
      try small.open().diagnostics == [
        Diagnostic(
          .tensorNotInShard, subject: "transformer.ln_f.weight", expected: "in \(names[0])",
          found: "in \(names[2])", hint: "the index and the shards are from different checkpoints"),
        Diagnostic(
          .tensorNotInShard, subject: "z", expected: "in \(names[1])", found: "in no shard",
          hint: "the index and the shards are from different checkpoints"),
        Diagnostic(
          .tensorMissing, subject: "transformer.ln_f.weight", expected: "[12]", found: "nothing",
          hint: "the checkpoint is incomplete: download it again"),
      ])
  }

  @Test func `a tensor that the index does not name is not part of the checkpoint`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.add("z", [1], [0], to: names[1])
    small.weightMap?["z"] = nil
    let checkpoint = try small.open()
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .tensorNotInIndex, subject: "z", expected: "nothing", found: "in \(names[1])",
          hint: "the index and the shards are from different checkpoints")
      ])
    #expect(checkpoint.tensors["z"] == nil)
  }

  @Test func `a tensor of another shape in two shards is named, and the index's one is taken`()
    throws
  {
    var small = try SmallCheckpoint(isSharded: true)
    let name = "transformer.ln_f.weight"
    small.add(name, [11], [Float](repeating: 9, count: 11), to: names[0])
    small.weightMap?[name] = names[2]
    let checkpoint = try small.open()
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(
          .tensorDuplicate, subject: name, expected: "in \(names[2])",
          found: "in \(names[0]), \(names[2]), with another shape or dtype",
          hint: "shards from several downloads are mixed: download into an empty directory")
      ])
    #expect(checkpoint.tensors[name]?.shard == 2)
  }

  // MARK: - Ignored files

  @Test func `files that the checkpoint does not name are ignored with a note`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    for name in ["model.fp16.safetensors", "extra.safetensors", "notes.txt", "weights.bin"] {
      try small.directory.write(name, "not looked at")
    }
    let checkpoint = try Checkpoint(path: small.directory.path)
    let hint = "remove it if you do not need it; nothing in the checkpoint refers to it"
    #expect(
      checkpoint.diagnostics == [
        Diagnostic(.fileIgnored, subject: "extra.safetensors", hint: hint),
        Diagnostic(
          .fileIgnored, subject: "model.fp16.safetensors",
          hint: "it is of variant 'fp16'"),
      ])
    #expect(!checkpoint.diagnostics.containErrors)
  }

  @Test func `no file is reported as ignored if the index cannot be read`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    try small.write()
    try small.directory.write(index, "[]")
    #expect(try Checkpoint(path: small.directory.path).findings == ["index-malformed \(index)"])
  }
}
