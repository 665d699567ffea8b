import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// What the verbs say of models in forms that other libraries leave behind.
struct ModelFormsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A sharded checkpoint under another name, so that nothing is left of an index.
  private func nano(_ files: [String: String] = [:]) throws -> String {
    let path = try directory.copy(Fixtures.nano, as: "nano")
    for (name, text) in files { try directory.write("nano/\(name)", text) }
    return path
  }

  @Test func `warnings are not hidden by --quiet, notes are`() throws {
    let path = try nano([
      "model.safetensors.index.json": #"{"weight_map":{"a":"model-00001-of-00002.safetensors"}}"#
    ])
    for arguments in [
      ["convert", path, directory("pack")], ["convert", path, directory("other"), "--dry-run"],
      ["verify", directory("pack"), "--source", path],
      ["generate", path, "--tokens", "1", "--max-tokens", "1"],
      ["export", path, directory("export"), "--to", "safetensors"],
    ] {
      let run = try CommandRun(arguments + ["--quiet"])
      #expect(run.status == 0)
      #expect(run.errors.hasPrefix("warning weights-unread: 'model.safetensors.index.json'"))
      #expect(!run.errors.contains("info ") && !run.errors.contains("note:"))
    }
    let chat = try CommandRun("chat", path)
    #expect(chat.status == 1)
    #expect(chat.errors.hasPrefix("warning weights-unread: "))
    #expect(chat.errors.contains("muninn: chat needs a tokenizer.json"))
    let run = try CommandRun("generate", path, "--tokens", "1", "--max-tokens", "1", "--json")
    let line = try #require(run.errors.split(separator: "\n").first)
    let json = try JSONValue(parsing: Array(line.utf8))
    guard case .object(let members) = json else { return }
    #expect(members.keys.sorted() == ["warning"])
  }

  @Test func `a prompt may begin with a dash`() throws {
    let run = try CommandRun(
      "generate", Fixtures.nano, "--prompt", "- milk", "--max-tokens", "1", "--steps", "1")
    #expect(run.status == 0)
  }

  @Test func `a verb that cannot take a form names the file and the remedy`() throws {
    let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
    let validate = try CommandRun("validate", pack)
    #expect(validate.status == 1)
    #expect(validate.errors.contains("'huginn-nano-int8.muninn' is a pack"))
    let gguf = try directory.write("model.gguf", Array("GGUF\u{3}\0\0\0".utf8))
    for arguments in [
      ["convert", gguf, directory("p")], ["generate", gguf, "--tokens", "1"],
      ["export", gguf, directory("e"), "--to", "safetensors"],
    ] {
      let run = try CommandRun(arguments)
      #expect(run.status == 1)
      #expect(run.errors.contains("'model.gguf' is a GGUF file"))
    }
  }

  @Test func `errors are shown by every verb that refuses a checkpoint`() throws {
    let path = try nano(["config.json": "version https://git-lfs.github.com/spec/v1\n"])
    for arguments in [
      ["convert", path, directory("p")], ["generate", path, "--tokens", "1"],
      ["export", path, directory("e"), "--to", "safetensors"],
    ] {
      let run = try CommandRun(arguments)
      #expect(run.status == 1)
      #expect(run.errors.contains("git-lfs pointer"))
    }
    let run = try CommandRun("generate", path, "--tokens", "1", "--json")
    #expect(run.errors.contains(#""diagnostics":[{"code":"config-malformed""#))
  }

  @Test func `two variants are named, and --variant chooses`() throws {
    let path = try nano()
    let bytes = try directory.bytes("nano/model.safetensors")
    try FileManager.default.removeItem(atPath: directory("nano/model.safetensors"))
    for variant in ["fp16", "bf16"] {
      try directory.write("nano/model.\(variant).safetensors", bytes)
    }
    let undecided = try CommandRun("convert", path, directory("pack"))
    #expect(undecided.status == 1)
    #expect(undecided.errors.contains("found variants bf16, fp16"))
    #expect(try CommandRun("convert", path, directory("pack"), "--variant", "bf16").status == 0)
    #expect(try CommandRun("validate", path, "--variant", "fp16").status == 0)
  }

  @Test func `inspect counts each parameter once`() throws {
    let text = try CommandRun("inspect", Fixtures.tiny).output
    #expect(text.contains("2,762,400 parameters, each counted once"))
    for path in [Fixtures.tiny, Fixtures.path("expected/huginn-nano-int8.muninn")] {
      let json = try JSONValue(
        parsing: Array(try CommandRun("inspect", path, "--json").output.utf8))
      guard case .object(let members) = json else { return }
      #expect(members["parameters"] == .integer(path == Fixtures.tiny ? 2_762_400 : 711_264))
    }
  }

  @Test func `more shards than the usual limit of open files are read`() throws {
    let count = 90
    var map: [String] = []
    try directory.copy(Fixtures.nano, as: "many")
    try FileManager.default.removeItem(atPath: directory("many/model.safetensors"))
    for index in 0..<count {
      let name = "many/model-\(index).safetensors"
      var builder = SafetensorsBuilder()
      builder.add("t\(index)", "F32", [1], bytes: [0, 0, 0, 0])
      try directory.write(name, builder.bytes)
      map.append("\"t\(index)\":\"model-\(index).safetensors\"")
    }
    try directory.write(
      "many/model.safetensors.index.json", "{\"weight_map\":{\(map.joined(separator: ","))}}")
    let run = try CommandRun(
      openFiles: 40, ["validate", directory("many"), "--headers-only", "--json"])
    #expect(run.status == 2)
    #expect(run.output.contains("\"shards\":\(count)"))
  }
}
