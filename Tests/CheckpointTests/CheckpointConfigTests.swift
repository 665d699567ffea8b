import Checkpoint
import Foundation
import HuginnModel
import TestSupport
import Testing

/// What is found wrong with `config.json`.
struct CheckpointConfigTests {
  /// The one finding about the config of a checkpoint whose `config.json` is made by `make`.
  private func finding(_ make: (TemporaryDirectory) throws -> Void) throws -> Diagnostic? {
    var small = try SmallCheckpoint()
    small.config = nil
    try make(small.directory)
    let checkpoint = try small.open()
    #expect(checkpoint.config == nil)
    #expect(checkpoint.diagnostics.count == 1)
    #expect(checkpoint.tensors.count == 39, "the headers are read all the same")
    return checkpoint.diagnostics.first
  }

  @Test func `a config that does not exist is missing`() throws {
    var path = ""
    let finding = try finding { path = $0("config.json") }
    #expect(
      finding
        == Diagnostic(
          .configMissing, subject: "config.json", found: "'\(path)' does not exist",
          hint: "take config.json from the release and put it beside the weights"))
  }

  @Test func `a config that is a link to nothing is missing`() throws {
    let finding = try finding {
      try FileManager.default.createSymbolicLink(
        atPath: $0("config.json"), withDestinationPath: "../blobs/0")
    }
    #expect(finding?.code == .configMissing)
    #expect(finding?.found?.hasSuffix("is a link to '../blobs/0', which does not exist") == true)
  }

  @Test func `a config that is not JSON is malformed`() throws {
    let finding = try finding { try $0.write("config.json", "404: Not Found") }
    #expect(
      finding
        == Diagnostic(
          .configMalformed, subject: "config.json",
          found: "byte 3 of the JSON is ':', expected the end", hint: "download config.json again"))
  }

  @Test func `a config beyond its limit is malformed and not read`() throws {
    let padding = String(repeating: " ", count: 1 << 20)
    let finding = try finding { try $0.write("config.json", "{}" + padding) }
    #expect(finding?.code == .configMalformed)
    #expect(
      finding?.found?.hasSuffix(
        "has 1048578 bytes, expected at most 1048576") == true)
  }

  @Test func `a config that is a directory is malformed`() throws {
    let finding = try finding {
      try FileManager.default.createDirectory(
        atPath: $0("config.json"), withIntermediateDirectories: false)
    }
    #expect(finding?.code == .configMalformed)
    #expect(finding?.found?.hasSuffix("is a directory, expected a regular file") == true)
  }

  @Test func `all problems of a config are found, and no tensor is held against it`() throws {
    var small = try SmallCheckpoint()
    small.config = ConfigText.smallest.removing("n_heads").setting("nonlin_name", "\"GELU\"")
    let checkpoint = try small.open()
    #expect(
      checkpoint.findings == ["config-key-missing n_heads", "config-unsupported nonlin_name"])
    #expect(checkpoint.config == nil)
  }

  @Test func `problems of shards, config and layout are found in one run`() throws {
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap?["y"] = "../y"
    small.weightMap?["z"] = "z.safetensors"
    small.edit("transformer.ln_f.weight") { $0.shape = [2, 6] }
    #expect(
      try small.open().findings == [
        "shard-name ../y", "shard-missing z.safetensors", "tensor-shape transformer.ln_f.weight",
      ])
  }
}
