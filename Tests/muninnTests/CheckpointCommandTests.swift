import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// `diff`, and `verify` of a checkpoint, as a user sees them.
struct CheckpointCommandTests {
  private let reference = Fixtures.path("expected/huginn-nano-int8.muninn")

  private func json(_ run: CommandRun) throws -> JSONObject {
    try JSONObject(try JSONValue(parsing: Array(run.output.utf8)))
  }

  @Test func `diff lists the worst first and exits with 2`() throws {
    let run = try CommandRun("diff", Fixtures.nano, reference)
    #expect(run.status == 2)
    let lines = run.output.split(separator: "\n")
    #expect(
      lines[0]
        == "tensor                                     first  second    max abs      RMSE     SQNR  "
        + "differs first at")
    #expect(
      lines[1].hasPrefix("transformer.coda.0.mlp.proj.weight         F32    int8:32  9.31e-05"))
    #expect(lines.last == "41 tensors equal, 34 different")
  }

  @Test func `diff within the tolerance is fine`() throws {
    let run = try CommandRun("diff", Fixtures.nano, reference, "--tolerance", "0.002", "--json")
    #expect(run.status == 0)
    var report = try json(run)
    #expect(try report.boolean("equal"))
    #expect(try report.count("exceeding") == 0)
    var first = try report.objects("tensors")[0]
    #expect(try first.string("finding") == "values")
    #expect(try first.string("second") == "int8:32")
    #expect(try CommandRun("diff", Fixtures.nano, reference, "--tolerance", "-1").status == 64)
  }

  @Test func `diff of two models tells other shapes, and of nothing fails`() throws {
    let run = try CommandRun("diff", Fixtures.nano, Fixtures.tiny)
    #expect(run.status == 2)
    #expect(run.output.hasSuffix("0 tensors equal, 77 different\n"))
    let directory = try TemporaryDirectory()
    let nothing = try CommandRun("diff", directory.path, Fixtures.tiny)
    #expect(nothing.status == 1)
    #expect(nothing.errors.hasPrefix("muninn: '\(directory.path)' has no readable weights"))
  }

  @Test func `verify of a checkpoint says what it covered, and that nothing was`() throws {
    let run = try CommandRun("verify", Fixtures.nano)
    #expect(run.status == 0)
    #expect(
      run.output.hasSuffix(
        "no fault found: 76 tensors in 1 file, 2.87 MB; no checksum lies beside it, nothing was "
          + "covered\n"))
    let strict = try CommandRun("verify", Fixtures.nano, "--require-checksums")
    #expect(strict.status == 2)
    #expect(strict.output.contains("\nfaulty: "))
  }

  @Test func `a digest that is given is checked`() throws {
    let zero = String(repeating: "0", count: 64)
    let run = try CommandRun(
      "verify", Fixtures.nano, "--sha256", "model.safetensors=\(zero)", "--json")
    #expect(run.status == 2)
    var report = try json(run)
    #expect(try report.boolean("intact") == false)
    var file = try #require(try report.objects("files").last)
    #expect(try file.string("name") == "model.safetensors")
    var check = try file.objects("checks")[0]
    #expect(try check.string("source") == "--sha256")
    #expect(try check.string("expected") == zero)
    #expect(try check.boolean("holds") == false)
    let malformed = try CommandRun("verify", Fixtures.nano, "--sha256", "model.safetensors=12")
    #expect(malformed.status == 64)
    #expect(
      malformed.errors
        == "muninn: 'model.safetensors=12' is not FILE=HEX with 64 hexadecimal digits\n")
  }

  @Test func `options of the other kind are usage errors`() throws {
    #expect(try CommandRun("verify", Fixtures.nano, "--source", Fixtures.nano).status == 64)
    #expect(try CommandRun("verify", reference, "--require-checksums").status == 64)
  }

  @Test func `a source that is not there does not hide the pack's own faults`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(reference, as: "pack")
    try directory.write("pack/stray.txt", "x")
    let run = try CommandRun("verify", directory("pack"), "--source", "/nonexistent")
    #expect(run.status == 2)
    #expect(run.output == "'stray.txt' belongs to no pack; remove it\n1 fault\n")
    #expect(run.errors == "muninn: '/nonexistent' does not exist\n")
    let intact = try CommandRun("verify", reference, "--source", "/nonexistent")
    #expect(intact.status == 1)
  }

  @Test func `standard output that takes nothing is an error`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let muninn = CommandRun.process([]).executableURL?.path ?? ""
    process.arguments = ["-c", "'\(muninn)' inspect '\(Fixtures.nano)' > /dev/full"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(text == "muninn: cannot write to standard output: No space left on device\n")
  }

  @Test func `a file whose name no pack could list is refused`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    try FileManager.default.moveItem(
      atPath: directory("checkpoint/model.safetensors"),
      toPath: directory("checkpoint/my model.safetensors"))
    let run = try CommandRun(
      "convert", directory("checkpoint/my model.safetensors"), directory("pack"))
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("error shard-name: 'my model.safetensors' is no plain file name"))
    #expect(directory.names == ["checkpoint"])
  }

  @Test func `a force that would lose files is refused`() throws {
    let directory = try TemporaryDirectory()
    let pack = try directory.copy(reference, as: "pack")
    try FileManager.default.createDirectory(
      atPath: directory("pack/LICENSES"), withIntermediateDirectories: false)
    let run = try CommandRun("convert", Fixtures.nano, pack, "--force")
    #expect(run.status == 1)
    #expect(
      run.errors.hasSuffix(
        "muninn: '\(pack)' holds 'LICENSES', so --force does not replace it; choose another "
          + "name\n"))
  }
}
