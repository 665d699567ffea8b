import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// What a user sees: output, messages and exit codes, pinned.
struct CommandTests {
  private func json(_ run: CommandRun) throws -> JSONObject {
    try JSONObject(try JSONValue(parsing: Array(run.output.utf8)))
  }

  @Test func `convert, verify and verify --source agree`() throws {
    let directory = try TemporaryDirectory()
    let convert = try CommandRun("convert", Fixtures.nano, directory("pack"), "--quiet")
    #expect(convert.status == 0)
    #expect(convert.errors == "")
    #expect(
      convert.output.hasPrefix(
        """
        file             bytes  parameters  bits/weight     SQNR  encodings
        embedding.seg   49,152      24,576        16.00  45.7 dB  int8:32
        prelude.seg    212,992     167,040        10.20  45.7 dB  int8:32
        core.seg       442,368     352,512        10.04  45.7 dB  int8:32
        coda.seg       229,376     167,136        10.98  45.7 dB  int8:32
        wrote '\(directory("pack"))': 933,888 bytes in segments, 2 sidecars
        digest 
        """))
    let verify = try CommandRun("verify", directory("pack"))
    #expect(verify.status == 0)
    #expect(verify.output.hasPrefix("intact: 75 tensors in 4 segments, 2 sidecars, 968 kB\n"))
    let source = try CommandRun("verify", directory("pack"), "--source", Fixtures.nano, "--json")
    #expect(source.status == 0)
    var report = try json(source)
    #expect(try report.boolean("intact"))
    #expect(try report.boolean("source_compared"))
    #expect(try report.count("tensors") == 75)
  }

  @Test func `verify names what is damaged and exits with 2`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack")
    let path = directory("pack/core.seg")
    var bytes = try InputFile.contents(of: path, limit: 1 << 20)
    bytes[16384] ^= 1
    try directory.write("pack/core.seg", bytes)
    let run = try CommandRun("verify", directory("pack"))
    #expect(run.status == 2)
    #expect(
      run.output.hasPrefix(
        "tensor 'transformer.adapter.weight' (core) is damaged: its digest is "))
    #expect(run.output.hasSuffix("\n1 fault\n"))
    #expect(run.errors == "")
    var report = try json(try CommandRun("verify", directory("pack"), "--json"))
    #expect(try report.boolean("intact") == false)
    var fault = try report.objects("faults")[0]
    #expect(try fault.string("code") == "tensor")
    #expect(try fault.string("stage") == "core")
  }

  @Test func `a pack without a manifest exits with 2, a missing path with 1`() throws {
    let directory = try TemporaryDirectory()
    let empty = try CommandRun("verify", directory.path)
    #expect(empty.status == 2)
    #expect(
      empty.output
        == "'\(directory.path)' has no manifest.json: it is not a pack, or "
        + "writing it was interrupted\n1 fault\n")
    let missing = try CommandRun("verify", "/nonexistent")
    #expect(missing.status == 1)
    #expect(missing.output == "")
    #expect(missing.errors == "muninn: '/nonexistent' does not exist\n")
  }

  @Test func `an error is JSON on standard error if JSON is requested`() throws {
    let run = try CommandRun("convert", "/nonexistent", "/tmp/x", "--json")
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(
      run.errors
        == #"{"error":{"code":"file","exit_code":1,"message":"'/nonexistent' does not exist"}}"#
        + "\n")
  }

  @Test func `validate reports all problems in one run and exits with 2`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    let config = String(
      decoding: try Fixtures.bytes("checkpoints/huginn-nano/config.json"), as: UTF8.self)
    try directory.write(
      "checkpoint/config.json",
      config.replacing("\"n_layers_in_coda\": 2", with: "\"n_layers_in_coda\": 1")
        .replacing("\"n_layers\": 8", with: "\"n_layers\": 7")
        .replacing("\"qk_bias\": true", with: "\"qk_bias\": false"))
    let run = try CommandRun("validate", directory("checkpoint"))
    #expect(run.status == 2)
    #expect(run.output.contains("error qk-bias-unexpected: 'transformer.prelude.0.attn.qk_bias'"))
    #expect(
      run.output.contains(
        """
        error layer-outside-stage: 'transformer.coda.1.attn.proj.weight' (coda, layer 1) belongs \
        to a layer that its stage does not have
          expected 1 layers in the coda, found layer number 1
          hint: the config counts fewer layers than the weights have

        """))
    #expect(run.output.hasSuffix("16 errors, 0 warnings, 2 notes\n"))
    var report = try json(try CommandRun("validate", directory("checkpoint"), "--json"))
    #expect(try report.boolean("valid") == false)
    #expect(try report.objects("diagnostics").count == 18)

    let convert = try CommandRun("convert", directory("checkpoint"), directory("pack"))
    #expect(convert.status == 1)
    #expect(
      convert.errors.hasSuffix(
        "muninn: '\(directory("checkpoint"))' was refused: it has 16 errors; "
          + "'muninn validate' explains each\n"))
    #expect(directory.names == ["checkpoint"])
  }

  @Test func `validate accepts both checkpoints`() throws {
    for path in [Fixtures.nano, Fixtures.tiny] {
      let run = try CommandRun("validate", path)
      #expect(run.status == 0)
      #expect(run.output.contains("info rotary-table-stored: 'freqs_cis'"))
    }
  }

  @Test func `inspect tells checkpoint, pack and file apart`() throws {
    let checkpoint = try CommandRun("inspect", Fixtures.tiny)
    #expect(checkpoint.output.hasPrefix("checkpoint '\(Fixtures.tiny)': 77 tensors in 3 files"))
    let pack = try CommandRun("inspect", Fixtures.path("expected/huginn-nano-int8.muninn"))
    #expect(pack.output.contains("format version 1, written by muninn reference\n"))
    let file = try CommandRun(
      "inspect", Fixtures.path("safetensors/ok-dtype-F4.safetensors"), "--json")
    #expect(file.status == 0)
    var report = try json(file)
    #expect(try report.string("kind") == "safetensors")
    var tensor = try report.objects("tensors")[0]
    #expect(try tensor.string("dtype") == "F4")
  }

  @Test func `a file that is named safetensors but is not is named for what it is`() throws {
    let path = Fixtures.path("safetensors/bad-git-lfs-pointer.safetensors")
    let run = try CommandRun("inspect", path)
    #expect(run.status == 1)
    #expect(
      run.errors
        == "muninn: '\(path)': this is a git-lfs pointer, not the file it points to; fetch the "
        + "content with 'git lfs pull' or download it from the hub\n")
  }

  @Test(arguments: [
    (
      ["--weights", "int3"],
      "'int3' is not an encoding; choose f32, bf16, f16, int8, int8:row, int8:N, int4 or "
        + "int4:N with N a multiple of 32"
    ),
    (
      ["--core", "int8:33"],
      "int8:33 is not an encoding: a group size must be a positive multiple of 32"
    ),
    (["--tensor", "f16"], "'f16' is not an override, expected GLOB=ENC such as '*.attn.*=f16'"),
  ])
  func `a mistake in a flag is a usage error`(flags: [String], message: String) throws {
    let run = try CommandRun(["convert", Fixtures.nano, "/nonexistent/x"] + flags)
    #expect(run.status == 64)
    #expect(run.errors == "muninn: \(message)\n")
  }

  @Test func `an unknown flag is a usage error, --version and --help are not`() throws {
    #expect(try CommandRun("verify", "--nonsense").status == 64)
    #expect(try CommandRun("convert", Fixtures.nano).status == 64)
    #expect(try CommandRun("verify", "x", "-j", "0").status == 64)
    let version = try CommandRun("--version")
    #expect(version.status == 0)
    #expect(version.output == "0.1.0\n")
    let help = try CommandRun("--help")
    #expect(help.status == 0)
    for verb in ["inspect", "validate", "convert", "verify", "sign", "logits"] {
      #expect(help.output.contains("\n  \(verb) "))
    }
  }

  @Test func `a dry run writes nothing and is right to the byte`() throws {
    let directory = try TemporaryDirectory()
    let run = try CommandRun(
      "convert", Fixtures.tiny, directory("pack"), "--dry-run", "--json", "--weights", "f16")
    #expect(run.status == 0)
    #expect(directory.names.isEmpty)
    var report = try json(run)
    let sizes = try report.objects("segments").map { segment in
      var segment = segment
      return try segment.count("bytes")
    }
    let convert = try CommandRun(
      "convert", Fixtures.tiny, directory("pack"), "--weights", "f16", "--quiet")
    #expect(convert.status == 0)
    let written = try ["embedding", "prelude", "core", "coda"].map {
      try FileStatus(ofPath: directory("pack/\($0).seg")).byteCount
    }
    #expect(sizes == written)
  }

  @Test func `flags and a recipe file that say the same give the same bytes`() throws {
    let directory = try TemporaryDirectory()
    let recipe = try directory.write(
      "recipe.json",
      #"{"weights": "f16", "stages": {"core": "int8"}, "#
        + #""tensors": [{"pattern": "*.adapter.*", "encoding": "bf16"}]}"#)
    let flags = try CommandRun(
      "convert", Fixtures.nano, directory("a"), "--weights", "f16", "--core", "int8", "--tensor",
      "*.adapter.*=bf16")
    let file = try CommandRun("convert", Fixtures.nano, directory("b"), "--recipe", recipe)
    #expect(flags.status == 0 && file.status == 0)
    for name in ["manifest.json", "core.seg"] {
      let a = try InputFile.contents(of: directory("a/\(name)"), limit: 1 << 22)
      let b = try InputFile.contents(of: directory("b/\(name)"), limit: 1 << 22)
      #expect(a == b)
    }
  }

  @Test func `an existing target is refused with the way out, and --force replaces it`() throws {
    let directory = try TemporaryDirectory()
    #expect(try CommandRun("convert", Fixtures.nano, directory("pack")).status == 0)
    let again = try CommandRun("convert", Fixtures.nano, directory("pack"))
    #expect(again.status == 1)
    #expect(
      again.errors
        == "muninn: '\(directory("pack"))' already exists; choose another name, or replace it with "
        + "--force\n")
    #expect(try CommandRun("convert", Fixtures.nano, directory("pack"), "--force").status == 0)
  }

  @Test func `a closed pipe ends quietly`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let muninn = CommandRun.process([]).executableURL?.path ?? ""
    process.arguments = ["-c", "'\(muninn)' inspect '\(Fixtures.tiny)' --tensors | true"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(text.isEmpty)
  }
}
