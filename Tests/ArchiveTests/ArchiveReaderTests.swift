import Codecs
import FileAccess
import Foundation
import Integrity
import PackFormat
import Parallelism
import TestSupport
import Testing

@testable import Archive

struct ArchiveReaderTests {
  private let pack: SmallPack
  private let raw: RawArchive

  init() throws {
    pack = try SmallPack(
      try #require(SmallPack.recipes["mixed"]), extras: ["README.md": Array("read me".utf8)])
    raw = try RawArchive(path: try pack.archive())
  }

  private var path: String { pack.directory("changed") }

  /// The error of restoring an archive, which leaves nothing.
  private func refusal(_ bytes: [UInt8], threads: Int = 2) throws -> ArchiveError? {
    try pack.directory.write("changed", bytes)
    do throws(ArchiveError) {
      _ = try ArchiveReader(path: path).restore(
        to: pack.directory("restored"), workers: Workers(count: threads))
      return nil
    } catch {
      #expect(!pack.directory.names.contains { $0.hasPrefix("restored") })
      return error
    }
  }

  /// The same, of members whose frames were changed.
  private func refusal(_ change: (inout RawArchive) throws -> Void) throws -> ArchiveError? {
    var raw = raw
    try change(&raw)
    return try refusal(raw.bytes)
  }

  private func header(
    _ name: String, _ byteCount: Int, folder: String = "small.muninn", isSplit: Bool = false
  ) -> [UInt8] {
    TarHeader(folder: folder, name: name, isSplit: isSplit, byteCount: byteCount).blocks
  }

  private func padded(_ text: String) -> [UInt8] {
    Array(text.utf8) + [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512)
  }

  // MARK: - Members

  @Test func `an archive that is assembled again is the same`() throws {
    #expect(raw.bytes == (try pack.directory.bytes("archive")))
  }

  @Test func `an archive of version 1 is restored`() throws {
    let path = Fixtures.path("archive/version-1.tar.zst")
    let reader = try ArchiveReader(path: path)
    #expect(reader.folder == "small.muninn")
    #expect(reader.members.map(\.name).contains("README.md"))
    #expect(reader.members.filter(\.isSplit).map(\.name) == ["core.seg"])
    _ = try reader.restore(to: pack.directory("restored"))
    let verification = try PackVerification(path: pack.directory("restored"))
    #expect(verification.faults.isEmpty)
    #expect(
      verification.manifest?.digest.description
        == "69bad67e6f71f7d4b9bc8359ff2b7e2e6c04410ef5ac2fef3e20c98ffa956870")
  }

  @Test func `an archive begins with a manifest of a size that it can have`() throws {
    #expect(
      try refusal { $0.contents.removeFirst(2) }
        == .contents(path: path, .manifest(byteCount: nil, limit: 0)))
    #expect(
      try refusal { $0.contents[0] = header("core.seg", 16384) }
        == .contents(path: path, .manifest(byteCount: nil, limit: 0)))
    #expect(
      try refusal { $0.contents[0] = header("manifest.json", 1, isSplit: true) }
        == .contents(path: path, .manifest(byteCount: nil, limit: 0)))
    for count in [16 << 20 + 1, Int.max] {
      guard
        case .contents(_, .manifest(count, _))? = try refusal({
          $0.contents[0] = header("manifest.json", count)
        })
      else {
        Issue.record("a manifest of \(count) bytes is accepted")
        return
      }
    }
    // Sixteen mebibytes that decompress from next to nothing are out of proportion.
    let zeros = [UInt8](repeating: 0, count: 4 << 20)
    let bomb = RawArchive([header("manifest.json", 16 << 20)] + Array(repeating: zeros, count: 4))
    guard case .contents(_, .manifest(16 << 20, let limit))? = try refusal(bomb.bytes) else {
      Issue.record("a bomb is accepted")
      return
    }
    #expect(limit < 1 << 20)
  }

  @Test func `a manifest that breaks a rule is refused by that rule`() throws {
    let text = String(decoding: try #require(pack.files["manifest.json"]), as: UTF8.self)
    let error = try refusal {
      $0.contents[1] = padded(
        text.replacing(#""version":"test""#, with: #""version":"best""#))
    }
    guard case .manifest(path, .digest)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let other = try refusal { $0.contents[1] = padded(text.replacing("{", with: "[")) }
    guard case .manifest(path, .json)? = other else {
      Issue.record("a manifest that is no JSON is accepted")
      return
    }
  }

  @Test func `members are sorted by name, and none appears twice`() throws {
    let (license, readme) = (try raw.header(of: "LICENSE"), try raw.header(of: "README.md"))
    #expect(
      try refusal { $0.contents.insert($0.contents[license], at: license) }
        == .contents(path: path, .order(name: "LICENSE")))
    #expect(
      try refusal {
        let member = Array($0.contents[readme...readme + 1])
        $0.contents.removeSubrange(readme...readme + 1)
        $0.contents.insert(contentsOf: member, at: $0.contents.count - 1)
      } == .contents(path: path, .order(name: "README.md")))
    #expect(
      try refusal { $0.contents.insert(contentsOf: $0.contents[0...1], at: 2) }
        == .contents(path: path, .order(name: "manifest.json")))
  }

  @Test func `all members are in one folder`() throws {
    let license = try raw.header(of: "LICENSE")
    #expect(
      try refusal { $0.contents[license] = header("LICENSE", 0, folder: "other") }
        == .contents(path: path, .folder(found: "other", expected: "small.muninn")))
  }

  @Test func `a file that the manifest does not have is refused`() throws {
    let license = try raw.header(of: "LICENSE")
    #expect(
      try refusal { $0.contents.insert(header("LICENSE.txt", 0), at: license + 1) }
        == .contents(path: path, .unexpected(name: "LICENSE.txt")))
  }

  @Test(arguments: ["core.seg", "LICENSE", "config.json", "embedding.seg"])
  func `a file that is missing is refused`(name: String) throws {
    let first = try raw.header(of: name)
    let count = 1 + Piece.count(ofFile: try #require(pack.files[name]?.count))
    #expect(
      try refusal { $0.contents.removeSubrange(first..<first + count) }
        == .contents(path: path, .missing(name: name)))
  }

  @Test func `a file of another length than the manifest says is refused`() throws {
    let core = try raw.header(of: "core.seg")
    let count = try #require(pack.files["core.seg"]?.count)
    #expect(
      try refusal { $0.contents[core] = header("core.seg", count - 1) }
        == .contents(
          path: path, .byteCount(name: "core.seg", expected: count, found: count - 1)))
  }

  @Test func `only what has 16-bit values is split`() throws {
    let coda = try raw.header(of: "config.json")
    let count = try #require(pack.files["config.json"]?.count)
    #expect(
      try refusal { $0.contents[coda] = header("config.json", count, isSplit: true) }
        == .contents(path: path, .notSplit(name: "config.json")))
  }

  @Test func `frames cut a member as they must`() throws {
    let (core, readme) = (try raw.header(of: "core.seg"), try raw.header(of: "README.md"))
    let cut = ArchiveError.contents(path: path, .frames(name: "core.seg"))
    #expect(
      try refusal {
        let content = $0.contents[core + 1]
        $0.contents.replaceSubrange(
          core + 1...core + 1, with: [Array(content.prefix(512)), Array(content.dropFirst(512))])
      } == cut)
    #expect(try refusal { $0.contents[core + 1].removeLast(512) } == cut)
    let count = try #require(pack.files["core.seg"]?.count)
    #expect(try refusal { $0.contents[core] = header("core.seg", count, isSplit: true) } == cut)
    #expect(
      try refusal { $0.contents[readme] = header("README.md", 5000) }
        == .contents(path: path, .frames(name: "README.md")))
    #expect(
      try refusal { $0.contents.removeSubrange(core + 1..<$0.contents.count) } == cut)
  }

  @Test func `bytes that pad a file are zero`() throws {
    let readme = try raw.header(of: "README.md")
    #expect(
      try refusal { $0.contents[readme + 1][7] = 1 }
        == .contents(path: path, .padding(name: "README.md")))
    #expect(
      try refusal { $0.contents[1][$0.contents[1].count - 1] = 1 }
        == .contents(path: path, .padding(name: "manifest.json")))
  }

  @Test func `the members end with two blocks of zeros, and nothing follows`() throws {
    let end = ArchiveError.contents(path: path, .end)
    #expect(try refusal { $0.contents.removeLast() } == end)
    #expect(try refusal { $0.contents.append($0.contents.last ?? []) } == end)
    #expect(try refusal { $0.contents.append(header("tokenizer.json", 0)) } == end)
    #expect(try refusal { $0.contents[$0.contents.count - 1].append(contentsOf: [0]) } != nil)
    let zeros = [UInt8](repeating: 0, count: 10240)
    #expect(try refusal { $0.contents[$0.contents.count - 1] = zeros } == end)
    #expect(try refusal(RawArchive([]).bytes) == end)
  }

  @Test(arguments: HostileName.all.filter { $0.utf8.count <= 255 })
  func `a member of a hostile name is refused`(name: String) throws {
    let license = try raw.header(of: "LICENSE")
    for path in [name, "small.muninn/\(name)", "\(name)/LICENSE"] {
      var block = [UInt8](repeating: 0, count: 512)
      for (index, byte) in header("LICENSE", 0)[100...].enumerated() { block[100 + index] = byte }
      for (index, byte) in path.utf8.prefix(100).enumerated() { block[index] = byte }
      let sum = TarHeader.octal(TarHeader.checksum(block), digits: 6)
      for (index, byte) in sum.enumerated() { block[148 + index] = byte }
      let error = try refusal { $0.contents[license] = block }
      switch error {
      case .header(_, _, .path), .header(_, _, .notCanonical), .contents(_, .folder): break
      default: Issue.record("\(path) is accepted: \(String(describing: error))")
      }
      #expect(error?.description.allSatisfy { !$0.isNewline } == true)
    }
  }

  @Test func `a link in the place of a file is refused by its kind`() throws {
    let core = try raw.header(of: "core.seg")
    let error = try refusal {
      $0.contents[core][156] = UInt8(ascii: "2")
      let sum = TarHeader.octal(TarHeader.checksum($0.contents[core]), digits: 6)
      $0.contents[core].replaceSubrange(148..<154, with: sum)
    }
    guard case .header(path, _, .type("small.muninn/core.seg", UInt8(ascii: "2")))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  // MARK: - Frames

  /// What zstd says of the fourth frame, changed behind the checks.
  private func zstdError(_ change: (inout [UInt8]) -> Void) throws -> ZstdError? {
    var frames = raw.contents.map { ($0.count, RawArchive.frame(of: $0)) }
    change(&frames[3].1)
    guard case .frame(_, _, .zstd(let error))? = try refusal(RawArchive.file(frames)) else {
      return nil
    }
    return error
  }

  @Test func `a frame that zstd refuses is refused, whatever its check says`() throws {
    let checksum = try zstdError { $0[$0.count - 1] ^= 1 }
    #expect(checksum == .malformed(reason: "Restored data doesn't match checksum"))
    let count = RawArchive.frame(of: raw.contents[3]).count
    let two = try zstdError { $0 += RawArchive.frame(of: []) }
    #expect(two == .trailing(frame: count, available: count + 13))
    let header = try zstdError { $0[4] ^= 0x10 }
    #expect(header == .header(contentByteCount: raw.contents[3].count))
  }

  @Test func `a frame whose bytes are others is refused by its check`() throws {
    var bytes = raw.bytes
    bytes[5] ^= 1
    guard case .frame(path, 0, .crc)? = try refusal(bytes) else {
      Issue.record("a flip is accepted")
      return
    }
  }

  @Test(
    arguments: ["core.seg", "coda.seg", "embedding.seg", "config.json", "prelude.seg"], [1, 2])
  func `a file that is not what the manifest says is refused by its fault`(
    name: String, threads: Int
  ) throws {
    let header = try raw.header(of: name)
    var changed = raw
    var bytes = try #require(pack.files[name])
    let index = bytes.count * 3 / 7
    changed.contents[header + 1][index] ^= 1
    bytes[index] ^= 1
    let error = try refusal(changed.bytes, threads: threads)
    try pack.directory.write("small.muninn/\(name)", bytes)
    let faults = try PackVerification(path: pack.path).faults
    #expect(error == .faulty(path: path, try #require(faults.first)))
  }

  // MARK: - Restoring

  @Test func `a companion needs no digest, and any content is restored`() throws {
    let readme = try raw.header(of: "README.md")
    // Of as many bits as it has digits, so that zstd halves it at most.
    var random = SeededGenerator(seed: 3)
    let text = (0..<9 << 20).map { _ in UInt8.random(in: 0x61...0x70, using: &random) }
    var changed = raw
    changed.contents.replaceSubrange(
      readme...readme + 1,
      with: [
        header("README.md", text.count), Array(text.prefix(4 << 20)),
        Array(text.dropFirst(4 << 20).prefix(4 << 20)), Array(text.suffix(1 << 20)),
      ])
    #expect(try refusal(changed.bytes) == nil)
    #expect(try pack.directory.bytes("restored/README.md") == text)
  }

  @Test(arguments: [1 << 40, Int.max])
  func `a companion of a length that no archive has is refused before anything is allocated`(
    byteCount: Int
  ) throws {
    let readme = try raw.header(of: "README.md")
    let error = try refusal { $0.contents[readme] = header("README.md", byteCount) }
    guard case .contents(path, .outOfProportion("README.md", byteCount, _))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["README.md", "SHA256SUMS", "model.sig", ".gitattributes"])
  func `a companion out of proportion to its archive is refused`(name: String) throws {
    let zeros = [UInt8](repeating: 0, count: 4 << 20)
    var changed = raw
    let readme = try raw.header(of: "README.md")
    changed.contents.removeSubrange(readme...readme + 1)
    let place = try #require(
      changed.contents.firstIndex {
        (try? TarHeader(parsing: $0)).map { ArchiveMember.isOrdered(name, $0.name) } ?? false
      })
    changed.contents.insert(
      contentsOf: [header(name, 64 << 20)] + Array(repeating: zeros, count: 16), at: place)
    let error = try refusal(changed.bytes)
    guard case .contents(path, .outOfProportion(name, 64 << 20, let limit))? = error else {
      Issue.record("64 MiB of zeros are restored: \(String(describing: error))")
      return
    }
    #expect(limit < 8 << 20)
  }

  @Test func `git's attributes, which archives of version 1 may have, are restored`() throws {
    let index = try raw.header(of: "LICENSE")
    var changed = raw
    changed.contents.insert(
      contentsOf: [header(".gitattributes", 1), padded("x")], at: index)
    for name in PackFileNames.ignored where name != ".gitattributes" {
      var other = changed
      other.contents[index] = header(name, 1)
      guard case .header(_, _, .path)? = try refusal(other.bytes) else {
        Issue.record("\(name) is restored")
        return
      }
    }
    #expect(try refusal(changed.bytes) == nil)
    #expect(try pack.directory.bytes("restored/.gitattributes") == Array("x".utf8))
  }

  @Test func `a file is restored into a pack under its own name only, and a pack into none`() throws
  {
    let reader = try ArchiveReader(path: pack.directory("archive"))
    let core = try reader.member("core")
    try Flip.during("\(pack.path)/core.seg", at: 4096, by: 1) {
      try reader.extract(core, to: "\(pack.path)/core.seg", replacing: true)
      #expect(try SmallPack.files(in: pack.path) == pack.files)
    }
    try pack.directory.write("small.muninn/core.seg", try #require(pack.files["core.seg"]))
    let target = "\(pack.path)/x"
    let inside = ArchiveError.pack(
      .insidePack(path: target, pack: try resolvedPath(pack.path)))
    #expect(throws: inside) { try reader.extract(core, to: target) }
    #expect(throws: inside) { _ = try reader.restore(to: target) }
    #expect(try SmallPack.files(in: pack.path) == pack.files)
  }

  @Test func `one file is restored while all others are damaged`() throws {
    var archive = try pack.directory.bytes("archive")
    let reader = try ArchiveReader(path: pack.directory("archive"))
    let kept = try reader.member("core")
    for (index, member) in reader.members.enumerated().dropFirst() where member != kept {
      for frame in member.pieces.indices {
        archive[reader.reader.table.frames[reader.firstFrames[index] + frame].byteOffset] ^= 0xFF
      }
    }
    #expect(try refusal(archive) != nil)
    let damaged = try ArchiveReader(path: path)
    try damaged.extract(kept, to: pack.directory("core.seg"))
    #expect(try pack.directory.bytes("core.seg") == pack.files["core.seg"])
    for member in damaged.members.dropFirst() where member != kept && member.byteCount > 0 {
      #expect(throws: ArchiveError.self) {
        try damaged.extract(member, to: pack.directory("other"))
      }
    }
    #expect(!pack.directory.names.contains { $0.hasPrefix("other") })
  }

  @Test(arguments: [false, true])
  func `each file is restored by itself`(splitting: Bool) throws {
    let archive = try pack.archive(as: "again", splitting: splitting)
    let reader = try ArchiveReader(path: archive)
    try FileManager.default.createDirectory(
      atPath: pack.directory("files"), withIntermediateDirectories: false)
    for member in reader.members {
      let target = pack.directory("files/\(member.name)")
      try reader.extract(try reader.member(member.name), to: target)
      #expect(try pack.directory.bytes("files/\(member.name)") == pack.files[member.name])
      let error = #expect(throws: ArchiveError.self) { try reader.extract(member, to: target) }
      #expect(error == .file(.exists(path: target)))
      try reader.extract(member, to: target, replacing: true)
      #expect(reader.archivedByteCount(of: member) > 0 || member.byteCount == 0)
    }
  }

  @Test func `a file under another name than its own is not replaced`() throws {
    let reader = try ArchiveReader(path: pack.directory("archive"))
    let target = try pack.directory.write("thesis.txt", "irreplaceable")
    let error = #expect(throws: ArchiveError.self) {
      try reader.extract(try reader.member("config.json"), to: target, replacing: true)
    }
    #expect(
      error == .file(.notReplaced(path: target, found: "is not a file called 'config.json'")))
    #expect(try pack.directory.bytes("thesis.txt") == Array("irreplaceable".utf8))
  }

  @Test func `restoring never writes over the archive`() throws {
    let archive = pack.directory("archive")
    let bytes = try pack.directory.bytes("archive")
    let reader = try ArchiveReader(path: archive)
    let link = pack.directory("core.seg")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "archive")
    let core = try reader.member("core")
    let cases: [(String, FileError.Overlap)] = [
      (archive, .isInput), (link, .leadsToInput), (pack.directory.path, .holds),
    ]
    for (target, overlap) in cases {
      let refusal = ArchiveError.file(
        .overlapsInput(path: target, overlap, input: archive))
      #expect(throws: refusal) { try reader.extract(core, to: target, replacing: true) }
      #expect(throws: refusal) { _ = try reader.restore(to: target, replacing: .pack) }
    }
    #expect(try pack.directory.bytes("archive") == bytes)
  }

  @Test func `a file that does not exist is named, together with those that do`() throws {
    let reader = try ArchiveReader(path: pack.directory("archive"))
    let error = #expect(throws: ArchiveError.self) { try reader.member("head") }
    #expect(
      error
        == .noFile(
          path: pack.directory("archive"), name: "head", names: reader.members.map(\.name)))
  }

  @Test func `an existing pack is replaced only on request`() throws {
    let reader = try ArchiveReader(path: pack.directory("archive"))
    let error = #expect(throws: ArchiveError.self) { try reader.restore(to: pack.path) }
    #expect(error == .file(.exists(path: pack.path)))
    try pack.directory.write("small.muninn/README.md", "another")
    let written = #expect(throws: ArchiveError.self) {
      try reader.restore(to: pack.path, replacing: .pack)
    }
    #expect(written == .pack(.companionKept(path: pack.path, name: "README.md")))
    #expect(try reader.restore(to: pack.path, replacing: .packAndCompanions) == nil)
    #expect(try SmallPack.files(in: pack.path) == pack.files)
    try pack.directory.write("small.muninn/mine.txt", "x")
    let kept = #expect(throws: ArchiveError.self) {
      try reader.restore(to: pack.path, replacing: .packAndCompanions)
    }
    #expect(
      kept
        == .file(
          .notReplaced(path: pack.path, found: "holds 'mine.txt', which is not part of a pack")))
  }
}
