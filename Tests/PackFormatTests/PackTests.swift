import FileAccess
import HuginnModel
import PackFormat
import Parallelism
import TestSupport
import Testing

struct PackTests {
  private static let reference = Fixtures.path("expected/huginn-nano-int8.muninn")

  @Test func `a pack opens and its planes are views of the map`() throws {
    let pack = try Pack(path: Self.reference)
    let embedding = pack.manifest.layout.segments[0].tensors[0]
    let segment = pack.segment(.embedding)
    let codes = try segment.view(of: Int8.self, at: embedding.planes[0].byteOffset, count: 256 * 96)
    let scales = try segment.view(
      of: UInt16.self, at: embedding.planes[1].byteOffset, count: 256 * 3)
    var largest = 0
    for index in 0..<codes.count { largest = max(largest, Int(codes[index].magnitude)) }
    #expect(largest == 127)
    #expect(scales[0] > 0)
    let length = pack.segment(.core).byteCount
    #expect(length == 442_368)
  }

  private func copy() throws -> (TemporaryDirectory, String) {
    let directory = try TemporaryDirectory()
    return (directory, try directory.copy(Self.reference, as: "pack"))
  }

  private func error(opening path: String) -> PackError? {
    do throws(PackError) {
      _ = try Pack(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a directory without manifest is no pack`() throws {
    let directory = try TemporaryDirectory()
    #expect(error(opening: directory.path) == .noManifest(path: directory.path))
  }

  @Test func `no such path is another error`() {
    #expect(error(opening: "/nonexistent") == .file(.notFound(path: "/nonexistent")))
  }

  @Test func `a segment of another length is refused`() throws {
    let (directory, pack) = try copy()
    let bytes = try InputFile.contents(of: "\(pack)/core.seg", limit: 1 << 20)
    try directory.write("pack/core.seg", bytes + [0])
    #expect(
      error(opening: pack)
        == .segmentLength(path: "\(pack)/core.seg", expected: 442_368, found: 442_369))
  }

  @Test func `a segment of another pack is refused`() throws {
    let (directory, pack) = try copy()
    var bytes = try InputFile.contents(of: "\(pack)/core.seg", limit: 1 << 20)
    bytes[40] ^= 1
    try directory.write("pack/core.seg", bytes)
    guard case .segmentHeader(_, .field(let field, _, _))? = error(opening: pack) else {
      Issue.record("expected a header error")
      return
    }
    #expect(field.name == "pack identity")
  }

  @Test func `a missing segment is named`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "manifest.json", try Fixtures.bytes("expected/huginn-nano-int8.muninn/manifest.json"))
    #expect(
      error(opening: directory.path)
        == .file(.notFound(path: "\(directory.path)/embedding.seg")))
  }

  @Test func `an intact pack has no faults, with one thread and with four`() throws {
    for count in [1, 4] {
      let verification = try PackVerification(
        path: Self.reference, workers: Workers(count: count))
      #expect(verification.faults.isEmpty)
      #expect(verification.manifest?.tensors.count == 75)
    }
  }

  @Test func `files that belong to no pack are faults, companions and .cache are not`() throws {
    let (directory, pack) = try copy()
    for name in PackFileNames.companions { try directory.write("pack/\(name)", "x") }
    try directory.write("pack/notes.txt", "x")
    try directory.write("pack/tokenizer.json", "{}")
    try directory.copy(Fixtures.path("vectors"), as: "pack/.cache")
    let verification = try PackVerification(path: pack)
    #expect(
      verification.faults == [
        .unexpectedFile(name: "notes.txt"), .unexpectedFile(name: "tokenizer.json"),
      ])
    #expect(verification.ignoredCache)
  }

  @Test func `a path that is no directory or not there is told apart`() throws {
    #expect(throws: VerificationError.file(.notFound(path: "/nonexistent"))) {
      try PackVerification(path: "/nonexistent")
    }
    let directory = try TemporaryDirectory()
    #expect(
      try PackVerification(path: directory.path).faults
        == [.manifest(.noManifest(path: directory.path))])
  }
}
