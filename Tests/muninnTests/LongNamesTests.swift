import FileAccess
import Foundation
import TestSupport
import Testing

/// Names as long as the system takes, which leave no room for a partial's.
struct LongNamesTests {
  private static let pack = Fixtures.path("expected/huginn-nano-int8.muninn")

  private func expect(_ arguments: [String], _ status: Int32 = 0) throws {
    let run = try CommandRun(arguments)
    #expect(run.status == status, "\(arguments[0]): \(run.errors.prefix(400))")
  }

  @Test(arguments: [(230, "x"), (231, "é"), (254, "é"), (255, "x")])
  func `every verb writes and replaces what has a long name`(
    byteCount: Int, character: String
  ) throws {
    let directory = try TemporaryDirectory()
    func name(_ start: String) -> String {
      let rest = byteCount - start.utf8.count
      let count = rest / character.utf8.count
      let filler = String(repeating: "_", count: rest - count * character.utf8.count)
      return start + filler + String(repeating: character, count: count)
    }
    func path(_ start: String) -> String { directory(name(start)) }
    let text = try directory.write("text", "In the beginning")
    let (pack, archive, nano) = (path("pack-"), path("archive-"), Fixtures.nano)
    let lines = [
      ["convert", nano, pack], ["archive", pack, "-o", archive],
      ["unarchive", archive, path("restored-")],
      ["unarchive", archive, path("segment-"), "--only", "core"],
      ["export", nano, path("export-"), "--to", "safetensors"],
      ["export", nano, path("gguf-"), "--to", "gguf"],
      ["sign", pack, "--key", Fixtures.path("signing/key.pem")],
      ["logits", nano, "--prompt", "a", "--steps", "1", "-o", path("logits-")],
      ["trace", nano, "--prompt", "a", "--steps", "9", "-o", path("trace-")],
      [
        "eval", pack, "--reference", nano, "--text", text, "--steps", "1", "-o", path("eval-"),
      ],
      ["report", pack, "-o", path("report-")],
    ]
    for line in lines {
      try expect(line)
      // One file of a pack replaces nothing but a file of its own name.
      try expect(line + ["--force"], line.contains("--only") ? 1 : 0)
    }
    for written in [pack, path("restored-")] { try expect(["verify", written]) }
    try expect(["verify", pack, "--key", Fixtures.path("signing/public.pem")])
    let names = ["pack", "archive", "restored", "segment", "export", "gguf", "logits"]
    let others = ["trace", "eval", "report"]
    #expect(directory.names == ((names + others).map { name($0 + "-") } + ["text"]).sorted())
  }

  @Test func `a name that the system does not take is refused and leaves nothing`() throws {
    let directory = try TemporaryDirectory()
    let target = directory(String(repeating: "x", count: 256))
    for line in [
      ["convert", Fixtures.nano, target], ["archive", Self.pack, "-o", target],
      ["export", Fixtures.nano, target, "--to", "gguf"], ["report", Self.pack, "-o", target],
    ] {
      let run = try CommandRun(line)
      #expect(run.status == 1)
      #expect(run.errors.contains("File name too long"), "\(line[0]): \(run.errors)")
    }
    #expect(directory.names == [])
  }
}
