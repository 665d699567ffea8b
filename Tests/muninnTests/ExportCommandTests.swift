import StrictJSON
import TestSupport
import Testing

/// `muninn export`, and what the other verbs make of what it writes.
struct ExportCommandTests {
  private static let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a GGUF file is inspected, validated and equal to its pack`() throws {
    let file = directory("nano.gguf")
    let export = try CommandRun("export", Self.pack, file, "--to", "gguf")
    #expect(export.status == 0)
    #expect(export.output == "wrote '\(file)': 769,536 bytes of 75 tensors\n")
    let inspect = try CommandRun("inspect", file, "--json")
    var report = try JSONObject(try JSONValue(parsing: Array(inspect.output.utf8)))
    #expect(inspect.status == 0)
    #expect(try report.string("kind") == "gguf")
    #expect(try report.objects("stages").count == 4)
    let validate = try CommandRun("validate", file)
    #expect(validate.status == 0)
    #expect(validate.output.hasPrefix("valid: 75 tensors in 1 file"))
    let diff = try CommandRun("diff", Self.pack, file)
    #expect(diff.status == 0)
    #expect(diff.output == "75 tensors equal, 0 different\n")
    let again = try CommandRun("export", Self.pack, file, "--to", "gguf")
    #expect(again.status == 1)
    #expect(again.errors.contains("exists"))
  }

  @Test func `a checkpoint for compressed-tensors is validated, compared, and not converted`()
    throws
  {
    let (pack, export) = (directory("row.muninn"), directory("w8a8"))
    #expect(
      try CommandRun("convert", Fixtures.nano, pack, "--weights", "int8:row", "--quiet").status == 0
    )
    let written = try CommandRun(
      "export", pack, export, "--to", "compressed-tensors", "--scheme", "w8a8", "--json")
    #expect(written.status == 0)
    #expect(try CommandRun("diff", pack, export).output == "75 tensors equal, 0 different\n")
    #expect(try CommandRun("validate", export).status == 0)
    let inspect = try CommandRun("inspect", export)
    #expect(inspect.output.hasPrefix("compressed-tensors checkpoint"))
    #expect(inspect.output.contains("w8a8, F32"))
    let convert = try CommandRun("convert", export, directory("no.muninn"))
    #expect(convert.status == 1)
    #expect(convert.errors.contains("a checkpoint with the codes of compressed-tensors"))
  }

  @Test func `a GGUF file that is cut is invalid, and nothing else reads it`() throws {
    let file = try directory.write("cut.gguf", Array("GGUF\u{3}\0\0\0".utf8))
    let validate = try CommandRun("validate", file)
    #expect(validate.status == 2)
    #expect(validate.output.hasPrefix("error gguf-malformed: 'cut.gguf' is no valid GGUF file"))
    for arguments in [["inspect", file], ["diff", file, Fixtures.nano]] {
      let run = try CommandRun(arguments)
      #expect(run.status == 1)
      #expect(run.errors.contains("has no readable weights"))
    }
  }

  @Test(
    arguments: [
      ["--to", "gguf", "--dtype", "int8"], ["--to", "gguf", "--shard-size", "1GB"],
      ["--to", "safetensors", "--dtype", "q8_0"], ["--to", "gguf", "--scheme", "w8a8"],
      ["--to", "compressed-tensors"], ["--to", "onnx"],
    ])
  func `options that do not belong together are a usage error`(options: [String]) throws {
    let run = try CommandRun(["export", Self.pack, directory("no")] + options)
    #expect(run.status == 64)
    #expect(directory.names.isEmpty)
  }
}
