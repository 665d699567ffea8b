import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// `muninn archive` and `muninn unarchive`, as a user starts them.
struct ArchiveCommandTests {
  private let directory: TemporaryDirectory
  private let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
  private var archive: String { directory("nano.tar.zst") }

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func json(_ text: String) throws -> JSONObject {
    try JSONObject(try JSONValue(parsing: Array(text.utf8)))
  }

  private func files(_ path: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try directoryContents(path) {
      files[name] = try InputFile.contents(of: "\(path)/\(name)", limit: 1 << 20)
    }
    return files
  }

  @Test func `a pack goes into an archive and comes back`() throws {
    let run = try CommandRun("archive", pack, "-o", archive)
    #expect(run.status == 0)
    #expect(run.errors == "")
    let lines = run.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("archived 7 files, 968 kB, in '\(archive)': "))
    #expect(lines[0].hasSuffix(" %"))
    let back = try CommandRun("unarchive", archive, directory("back"))
    #expect(back.status == 0)
    #expect(back.errors == "")
    #expect(
      back.output == "restored 7 files, 968 kB, in '\(directory("back"))'\n\(lines[1])\n")
    #expect(try files(directory("back")) == (try files(pack)))
  }

  @Test func `without a target it comes back under the name that it had`() throws {
    #expect(try CommandRun("archive", pack, "-o", archive, "--split", "--level", "3").status == 0)
    for arguments in [["unarchive", archive], ["unarchive", archive, "--only", "core"]] {
      let process = CommandRun.process(arguments)
      process.currentDirectoryURL = .init(fileURLWithPath: directory.path)
      process.standardOutput = nil
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    #expect(directory.names == ["core.seg", "huginn-nano-int8.muninn", "nano.tar.zst"])
    #expect(try files(directory("huginn-nano-int8.muninn")) == (try files(pack)))
    #expect(try directory.bytes("core.seg") == (try files(pack))["core.seg"])
  }

  @Test func `both report in JSON`() throws {
    var archived = try json(
      try CommandRun("archive", pack, "-o", archive, "--split", "--json").output)
    #expect(try archived.string("archive") == archive)
    let byteCount = try archived.count("bytes")
    #expect(byteCount == (try InputFile(path: archive).byteCount))
    let packByteCount = try files(pack).values.reduce(0) { $0 + $1.count }
    #expect(try archived.count("pack_bytes") == packByteCount)
    var first = try archived.objects("files")[0]
    #expect(try first.string("name") == "manifest.json")
    #expect(try first.boolean("split") == false)
    var back = try json(
      try CommandRun("unarchive", archive, directory("back"), "--json").output)
    #expect(try back.string("target") == directory("back"))
    #expect(try back.string("digest") == (try archived.string("digest")))
    #expect(try back.objects("files").count == 7)
    var list = try json(try CommandRun("unarchive", archive, "--list", "--json").output)
    #expect(try list.string("pack") == "huginn-nano-int8.muninn")
    #expect(try list.objects("files").count == 7)
    #expect(list.remainingKeys.contains("target") == false)
  }

  @Test func `the files in an archive are listed`() throws {
    #expect(try CommandRun("archive", pack, "-o", archive, "--split").status == 0)
    let run = try CommandRun("unarchive", archive, "--list")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("file"))
    #expect(lines[1].hasPrefix("manifest.json"))
    #expect(lines.contains { $0.hasPrefix("core.seg") && $0.hasSuffix("yes") })
    #expect(lines.last?.hasPrefix("digest ") == true)
  }

  @Test func `a damaged pack and a damaged archive are refused with exit code 1`() throws {
    try directory.copy(pack, as: "pack")
    var bytes = try directory.bytes("pack/core.seg")
    bytes[20_000] ^= 1
    try directory.write("pack/core.seg", bytes)
    let run = try CommandRun("archive", directory("pack"), "-o", archive)
    #expect(run.status == 1)
    #expect(
      run.errors.hasPrefix(
        "muninn: '\(directory("pack"))' is not intact: tensor "
          + "'transformer.adapter.weight' (core) is damaged: "))
    #expect(directory.names == ["pack"])

    #expect(try CommandRun("archive", pack, "-o", archive).status == 0)
    var archived = try directory.bytes("nano.tar.zst")
    archived[archived.count / 2] ^= 1
    try directory.write("nano.tar.zst", archived)
    let back = try CommandRun("unarchive", archive, directory("back"), "--json")
    #expect(back.status == 1)
    #expect(back.output == "")
    #expect(back.errors.contains(#""code":"refused""#))
    #expect(directory.names == ["nano.tar.zst", "pack"])
  }

  @Test func `what is not an archive, or not a pack, is refused by name`() throws {
    let config = Fixtures.path("checkpoints/huginn-nano/config.json")
    let run = try CommandRun("unarchive", config, directory("back"))
    #expect(run.status == 1)
    #expect(
      run.errors
        == "muninn: '\(config)' does not end like an archive of a pack: it is another "
        + "kind of file, or truncated\n")
    let missing = try CommandRun("unarchive", "/nonexistent", directory("back"), "--json")
    #expect(missing.status == 1)
    #expect(missing.errors.contains(#""code":"file""#))
    let checkpoint = try CommandRun("archive", Fixtures.nano, "-o", archive)
    #expect(checkpoint.status == 1)
    #expect(checkpoint.errors.contains("has no manifest.json: it is not a pack"))
    #expect(directory.names == [])
  }

  @Test func `nothing is replaced without --force`() throws {
    #expect(try CommandRun("archive", pack, "-o", archive).status == 0)
    let again = try CommandRun("archive", pack, "-o", archive)
    #expect(again.status == 1)
    #expect(
      again.errors
        == "muninn: '\(archive)' already exists; choose another name, or replace it with --force\n")
    #expect(try CommandRun("archive", pack, "-o", archive, "--force").status == 0)
    for (target, only) in [("back", []), ("coda.seg", ["--only", "coda"])] {
      let arguments = ["unarchive", archive, directory(target)] + only
      #expect(try CommandRun(arguments).status == 0)
      #expect(try CommandRun(arguments).status == 1)
      #expect(try CommandRun(arguments + ["--force"]).status == 0)
    }
    let other = try CommandRun("unarchive", archive, "--only", "head")
    #expect(other.status == 1)
    #expect(other.errors.contains("has no file 'head', expected one of manifest.json, "))
  }

  @Test func `flags that do not go together are usage errors`() throws {
    #expect(try CommandRun("archive", pack).status == 64)
    for level in ["0", "20", "-1"] {
      #expect(try CommandRun("archive", pack, "-o", archive, "--level=\(level)").status == 64)
    }
    #expect(try CommandRun("unarchive", archive, "--list", "--only", "core").status == 64)
    #expect(try CommandRun("unarchive", archive, directory("x"), "--list").status == 64)
    #expect(try CommandRun("unarchive").status == 64)
  }

  @Test func `a note says that nothing was split`() throws {
    let f32 = directory("f32.muninn")
    let convert = try CommandRun("convert", Fixtures.nano, f32, "--weights", "f32", "--quiet")
    #expect(convert.status == 0)
    let run = try CommandRun("archive", f32, "-o", archive, "--split")
    #expect(run.status == 0)
    #expect(run.errors == "note: the pack has no 16-bit values, so nothing was split\n")
  }
}
