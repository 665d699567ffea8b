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
    #expect(convert.errors.contains("a compressed-tensors checkpoint"))
  }

  @Test func `a GGUF file that is cut is invalid, and nothing else reads it`() throws {
    let file = try directory.write("cut.gguf", Array("GGUF\u{3}\0\0\0".utf8))
    let validate = try CommandRun("validate", file)
    #expect(validate.status == 2)
    #expect(validate.output.hasPrefix("error gguf-malformed: 'cut.gguf' is not a valid GGUF file"))
    for arguments in [["inspect", file], ["diff", file, Fixtures.nano]] {
      let run = try CommandRun(arguments)
      #expect(run.status == 1)
      #expect(run.errors.contains("has no readable weights"))
    }
  }

  @Test(arguments: [(UInt8(97), "type 97, unknown"), (31, "type 31 (Q4_0_4_4), removed")])
  func `a GGUF file with an unknown type is read except for that tensor`(
    code: UInt8, type: String
  ) throws {
    let file = directory("nano.gguf")
    #expect(try CommandRun("export", Self.pack, file, "--to", "gguf").status == 0)
    var bytes = try directory.bytes("nano.gguf")
    // The number of the type follows the name, the number of dimensions and the one dimension.
    let name = Array("blk.0.attn_norm.weight".utf8)
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: name) })
    bytes[start + name.count + 4 + 8] = code
    try directory.write("nano.gguf", bytes)

    let inspect = try CommandRun("inspect", file, "--tensors")
    #expect(inspect.status == 0 && inspect.errors == "")
    #expect(inspect.output.hasPrefix("GGUF file '\(file)': 75 tensors in 1 file"))
    let lines = inspect.output.split(separator: "\n")
    let stage = lines.first { $0.hasPrefix("prelude") }
    #expect(stage?.contains("unknown  ") == true && stage?.contains(type) == true)
    #expect(lines.contains { $0.hasPrefix("core  ") && !$0.contains("unknown") })
    let tensor = "transformer.prelude.0.norm_1.weight"
    #expect(lines.contains { $0.hasPrefix(tensor) && $0.contains(type) && $0.hasSuffix("[96]") })
    let json = try CommandRun("inspect", file, "--json")
    var report = try JSONObject(try JSONValue(parsing: Array(json.output.utf8)))
    let tensors = try report.objects("tensors")
    #expect(tensors.count == 75)
    #expect(json.output.contains(#""bytes":null,"dtype":"\#(type)","name":"\#(tensor)""#))

    let validate = try CommandRun("validate", file)
    #expect(validate.status == 2)
    #expect(validate.output.contains("error tensor-dtype: '\(tensor)'"))
    #expect(validate.output.contains("found \(type)\n"))
    #expect(validate.output.hasSuffix("; 1 error, 0 warnings, 0 notes\n"))
    let diff = try CommandRun("diff", Self.pack, file)
    #expect(diff.status == 2)
    #expect(diff.output.contains("values of this type cannot be read"))
    #expect(diff.output.hasSuffix("\n74 tensors equal, 1 different\n"))
  }

  @Test func `more elements of unknown types than an integer counts do not trap`() throws {
    var bytes = Array("GGUF".utf8) + SafetensorsBuilder.littleEndian(UInt32(3))
    let count: UInt64 = 200
    bytes += SafetensorsBuilder.littleEndian(count) + SafetensorsBuilder.littleEndian(UInt64(0))
    for number in 100..<100 + count {
      bytes += SafetensorsBuilder.littleEndian(UInt64(3)) + Array("\(number)".utf8)
      bytes += SafetensorsBuilder.littleEndian(UInt32(1))
      bytes += SafetensorsBuilder.littleEndian(UInt64(1) << 56)
      bytes +=
        SafetensorsBuilder.littleEndian(UInt32(97)) + SafetensorsBuilder.littleEndian(UInt64(0))
    }
    bytes += [UInt8](repeating: 0, count: 32)
    let file = try directory.write("large.gguf", bytes)
    let inspect = try CommandRun("inspect", file)
    #expect(inspect.status == 0)
    #expect(inspect.output.contains("9,223,372,036,854,775,807"))
    #expect(try CommandRun("validate", file).status == 2)
    #expect(try CommandRun("diff", file, file).status == 2)
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
