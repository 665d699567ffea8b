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
        + "first difference")
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

  @Test func `verify of a checkpoint reports what it covered, and that nothing was covered`() throws
  {
    let run = try CommandRun("verify", Fixtures.nano)
    #expect(run.status == 0)
    #expect(
      run.output.hasSuffix(
        "no fault found: 76 tensors in 1 file, 2.87 MB; there are no checksums beside it, so "
          + "nothing was covered\n"))
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

  /// A copy of the small checkpoint beside which things lie that end in each of the four answers.
  private func foreign(_ list: String) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "ck")
    try directory.write("ck/golden.json", "{}")
    try directory.write("ck/SHA256SUMS", list)
    return directory
  }

  private static let zero = String(repeating: "0", count: 64)
  private static let small = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
  private static let weights = "410ee05e839869c76207a8434bd79aa2a4c2b22e4c844af464e94c8eb0642bfd"

  @Test func `a file that is not covered, and a malformed list, are faults only on request`()
    throws
  {
    let directory = try foreign("\(Self.weights)  model.safetensors\n\(Self.small) *golden.json\n")
    try directory.write("ck/checksums.txt", "see our web page\n")
    try directory.write("ck/md5.sha256", "d41d8cd98f00b204e9800998ecf8427e  config.json\n")
    try directory.write("ck/a\u{1B}b.py", "x")
    let run = try CommandRun("verify", directory("ck"))
    #expect(run.status == 0)
    #expect(
      run.output == """
        file                        bytes  checked against
        a\\u{1b}b.py                     1  nothing
        config.json                 1,417  nothing
        generation_config.json         69  nothing
        golden.json                     2  SHA256SUMS: equal
        golden.safetensors      1,503,888  nothing
        model.safetensors       2,869,264  SHA256SUMS: equal
        unreadable: 'checksums.txt': it has no line with a digest and a file name
        not covered: a\\u{1b}b.py, config.json, generation_config.json,
          golden.safetensors
        note: 'md5.sha256': it has digests of another kind, which are not checked: MD5
        no fault found: 76 tensors in 1 file, 2.87 MB; checksums cover 2 of 6 files

        """)
    let strict = try CommandRun("verify", directory("ck"), "--require-checksums", "--json")
    #expect(strict.status == 2)
    var report = try json(strict)
    #expect(try report.boolean("intact") == false)
    #expect(try report.objects("missing").isEmpty)
    #expect(try report.objects("unreadable").isEmpty)
    var malformed = try #require(try report.objects("malformed").first)
    #expect(try malformed.string("file") == "checksums.txt")
    #expect(try malformed.string("reason") == "it has no line with a digest and a file name")
    var note = try #require(try report.objects("notes").first)
    #expect(try note.string("file") == "md5.sha256")
    let files = try report.objects("files")
    let hashed = files.map { file in
      var file = file
      return (try? file.string("sha256")) != nil
    }
    #expect(hashed == [false, true, true, true, false, true])
  }

  @Test func `a file that differs and one that is not here are damage`() throws {
    let directory = try foreign(
      "\(Self.zero)  model.safetensors\n\(Self.small)  none.bin\n\(Self.zero)  ../out\n"
        + "\(Self.zero)  golden.json\nnonsense\n")
    let run = try CommandRun("verify", directory("ck"))
    #expect(run.status == 2)
    #expect(
      run.output == """
        file                        bytes  checked against
        config.json                 1,417  nothing
        generation_config.json         69  nothing
        golden.json                     2  SHA256SUMS: DIFFERENT
        golden.safetensors      1,503,888  nothing
        model.safetensors       2,869,264  SHA256SUMS: DIFFERENT
        differs: 'golden.json', by SHA256SUMS
          expected \(Self.zero)
          found    \(Self.small)
        differs: 'model.safetensors', by SHA256SUMS
          expected \(Self.zero)
          found    \(Self.weights)
        missing: 'none.bin', which has a checksum
        unreadable: 'SHA256SUMS': line 5 is not a digest and a file name; its file is not covered
        unreadable: '../out': SHA256SUMS names it, but it leads out of the checkpoint
        not covered: config.json, generation_config.json, golden.safetensors
        faulty: 76 tensors in 1 file, 2.87 MB; checksums cover 2 of 5 files

        """)
    var report = try json(try CommandRun("verify", directory("ck"), "--json"))
    var unreadable = try #require(try report.objects("unreadable").first)
    #expect(try unreadable.string("file") == "../out")
    var check = try #require(
      try report.objects("files").compactMap { file in
        var file = file
        return try file.objects("checks").first
      }.first)
    #expect(try check.string("found") == Self.small)
    #expect(try check.boolean("holds") == false)
  }

  @Test func `options of the other kind are usage errors`() throws {
    #expect(try CommandRun("verify", Fixtures.nano, "--source", Fixtures.nano).status == 64)
    #expect(try CommandRun("verify", reference, "--require-checksums").status == 64)
  }

  @Test func `a missing source does not hide the pack's own faults`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(reference, as: "pack")
    try directory.write("pack/stray.txt", "x")
    let run = try CommandRun("verify", directory("pack"), "--source", "/nonexistent")
    #expect(run.status == 2)
    #expect(run.output == "'stray.txt' is not part of the pack; remove it\n1 fault\n")
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
    #expect(
      run.errors.hasPrefix("error shard-name: 'my model.safetensors' is not a plain file name"))
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
        "muninn: '\(pack)' was not replaced: it holds 'LICENSES', which is not part of a pack; choose another "
          + "name\n"))
  }
}
