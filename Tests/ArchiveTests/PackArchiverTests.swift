import FileAccess
import Foundation
import PackFormat
import Parallelism
import TestSupport
import Testing

@testable import Archive

struct PackArchiverTests {
  private static let companions: [String: [UInt8]] = [
    "README.md": Array("# A pack\n".utf8), "model.sig": Array("{}".utf8),
    "SHA256SUMS": [],
  ]

  @Test(arguments: SmallPack.recipes.keys.sorted(), [false, true])
  func `a pack is restored byte for byte`(recipe: String, splitting: Bool) throws {
    let pack = try SmallPack(
      try #require(SmallPack.recipes[recipe]), extras: Self.companions)
    let archive = try pack.archive(splitting: splitting)
    let reader = try ArchiveReader(path: archive)
    #expect(reader.folder == "small.muninn")
    let names = reader.members.map(\.name)
    #expect(names.first == "manifest.json")
    #expect(names.sorted() == pack.files.keys.sorted())
    #expect(Array(names.dropFirst()) == names.dropFirst().sorted())
    #expect(reader.byteCount == pack.files.values.reduce(0) { $0 + $1.count })
    let hasWords = !["f32", "row"].contains(recipe)
    #expect(reader.members.contains(where: \.isSplit) == (splitting && hasWords))
    let counter = ByteCounter()
    let monitor = Monitor(advance: { counter.add($0) }, isCancelled: { false })
    let left = try reader.restore(to: pack.directory("restored"), monitor: monitor)
    #expect(left == nil)
    #expect(try SmallPack.files(in: pack.directory("restored")) == pack.files)
    #expect(counter.total == reader.byteCount)
    #expect(try PackVerification(path: pack.directory("restored")).faults.isEmpty)
  }

  @Test(arguments: [false, true])
  func `threads change no byte`(splitting: Bool) throws {
    let pack = try SmallPack(try #require(SmallPack.recipes["mixed"]))
    let archives = try [1, 2, 7].map { threads in
      let archive = try pack.archive(
        as: "archive-\(threads)", splitting: splitting, threads: threads)
      let reader = try ArchiveReader(path: archive)
      let target = pack.directory("restored-\(threads)")
      _ = try reader.restore(to: target, workers: Workers(count: threads))
      #expect(try SmallPack.files(in: target) == pack.files)
      return try InputFile.contents(of: archive, limit: 1 << 20)
    }
    #expect(archives[0] == archives[1] && archives[0] == archives[2])
  }

  @Test func `the fixture's pack is archived and restored`() throws {
    let directory = try TemporaryDirectory()
    let path = Fixtures.path("expected/huginn-nano-int8.muninn")
    let counter = ByteCounter()
    let monitor = Monitor(advance: { counter.add($0) }, isCancelled: { false })
    let outcome = try PackArchiver(path: path, monitor: monitor).write(to: directory("archive"))
    let files = try SmallPack.files(in: path)
    #expect(counter.total == files.values.reduce(0) { $0 + $1.count })
    #expect(outcome.byteCount == (try InputFile(path: directory("archive")).byteCount))
    #expect(outcome.ignored == [])
    let reader = try ArchiveReader(path: directory("archive"))
    #expect(reader.archiveByteCount == outcome.byteCount)
    _ = try reader.restore(to: directory("pack"))
    #expect(try SmallPack.files(in: directory("pack")) == files)
  }

  @Test(arguments: ["f16", "bf16"])
  func `separated bytes of 16-bit values take less room`(recipe: String) throws {
    let pack = try SmallPack(
      try #require(SmallPack.recipes[recipe]), ofCheckpoint: Fixtures.nano)
    let archives = try [(false, 1), (true, 1), (false, 19), (true, 19)].map { splitting, level in
      let archive = try pack.archive(
        as: "\(splitting)-\(level)", splitting: splitting, level: level)
      _ = try ArchiveReader(path: archive).restore(to: pack.directory("restored"))
      #expect(try SmallPack.files(in: pack.directory("restored")) == pack.files)
      try FileManager.default.removeItem(atPath: pack.directory("restored"))
      return try InputFile(path: archive).byteCount
    }
    let byteCount = pack.files.values.reduce(0) { $0 + $1.count }
    #expect(archives[0] < byteCount)
    // With whatever zstd may find, most is saved by what it need not search.
    #expect(archives[1] < archives[0] && archives[1] < archives[2])
    #expect(archives[3] <= archives[1])
  }

  @Test func `the folder has the directory's name, even if the path is a dot`() throws {
    let pack = try SmallPack(Recipe(), named: "Ḣuginn no. 1")
    let archive = try pack.archive()
    #expect(try ArchiveReader(path: archive).folder == "Ḣuginn no. 1")
    _ = try PackArchiver(path: pack.path + "/.").write(to: pack.directory("again"))
    #expect(try pack.directory.bytes("again") == (try pack.directory.bytes("archive")))
  }

  @Test func `a pack whose directory no archive can name is refused`() throws {
    let pack = try SmallPack(Recipe(), named: ".hidden")
    #expect(pack.refusal() == .folderName(path: pack.path, found: ".hidden"))
    #expect(!pack.directory.names.contains { $0.hasPrefix("refused") })
  }

  @Test
  func `a link is archived as the file it leads to, and what is not part of the pack is left out`()
    throws
  {
    let pack = try SmallPack()
    try FileManager.default.moveItem(
      atPath: "\(pack.path)/core.seg", toPath: pack.directory("blob"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(pack.path)/core.seg", withDestinationPath: "../blob")
    for (index, name) in PackFileNames.ignored.enumerated() {
      if index.isMultiple(of: 2) {
        try pack.directory.write("small.muninn/\(name)", "x")
      } else {
        try FileManager.default.createDirectory(
          atPath: "\(pack.path)/\(name)/x", withIntermediateDirectories: true)
      }
    }
    let outcome = try PackArchiver(path: pack.path).write(to: pack.directory("archive"))
    #expect(outcome.ignored == PackFileNames.ignored)
    _ = try ArchiveReader(path: pack.directory("archive")).restore(to: pack.directory("again"))
    #expect(try SmallPack.files(in: pack.directory("again")) == pack.files)
  }

  @Test func `a pack without a manifest is refused, and a missing path is the system's error`()
    throws
  {
    let pack = try SmallPack()
    try FileManager.default.removeItem(atPath: "\(pack.path)/manifest.json")
    #expect(pack.refusal() == .pack(.noManifest(path: pack.path)))
    try FileManager.default.removeItem(atPath: pack.path)
    #expect(pack.refusal() == .file(.notFound(path: pack.path)))
  }

  @Test func `a flip in any file that the manifest vouches for is refused by its fault`() throws {
    let pack = try SmallPack(try #require(SmallPack.recipes["mixed"]))
    for name in PackFileNames.segments + ["config.json"] {
      let count = try #require(pack.files[name]?.count)
      for offset in [0, 40, 3000, 4096, count / 2, count - 1] where offset < count {
        let error = try Flip.during("\(pack.path)/\(name)", at: offset, by: 1) { pack.refusal() }
        let faults = try Flip.during("\(pack.path)/\(name)", at: offset, by: 1) {
          try PackVerification(path: pack.path).faults
        }
        // What verification finds, archiving finds.
        #expect(error == .faulty(path: pack.path, try #require(faults.first)), "\(name) \(offset)")
      }
    }
    #expect(!pack.directory.names.contains { $0.hasPrefix("refused") })
    #expect(pack.refusal() == nil)
  }

  @Test func `a file too many, too few or of another length is refused by its fault`() throws {
    let pack = try SmallPack()
    try pack.directory.write("small.muninn/notes.txt", "x")
    #expect(pack.refusal() == .faulty(path: pack.path, .unexpectedFile(name: "notes.txt")))
    try FileManager.default.removeItem(atPath: "\(pack.path)/notes.txt")
    try pack.directory.write("small.muninn/LICENSE", "x")
    #expect(
      pack.refusal() == .faulty(path: pack.path, .length(name: "LICENSE", expected: 0, found: 1)))
    try FileManager.default.removeItem(atPath: "\(pack.path)/LICENSE")
    guard case .faulty(_, .unreadable("LICENSE", _))? = pack.refusal() else {
      Issue.record("a file is missing")
      return
    }
  }

  @Test func `an archive is not written into a pack, be it another one`() throws {
    let (pack, other) = (try SmallPack(), try SmallPack())
    let target = "\(other.path)/archive"
    #expect(
      throws: ArchiveError.pack(.insidePack(path: target, pack: try resolvedPath(other.path)))
    ) {
      try PackArchiver(path: pack.path).write(to: target)
    }
    let own: [(String, FileError.Overlap)] = [
      (pack.path, .isInput), ("\(pack.path)/archive", .liesIn),
      ("\(pack.path)/core.seg", .isInput), (pack.directory.path, .holds),
    ]
    for (target, overlap) in own {
      var options = PackArchiver.Options()
      options.replacing = true
      let error = #expect(throws: ArchiveError.self) {
        try PackArchiver(path: pack.path, options: options).write(to: target)
      }
      guard case .file(.overlapsInput(target, overlap, _))? = error else {
        Issue.record("\(target): \(String(describing: error))")
        continue
      }
    }
    #expect(try SmallPack.files(in: pack.path) == pack.files)
    #expect(try SmallPack.files(in: other.path) == other.files)
  }

  @Test func `an existing file is replaced only on request`() throws {
    let pack = try SmallPack()
    let archive = try pack.archive()
    let error = #expect(throws: ArchiveError.self) { try pack.archive() }
    #expect(error == .file(.exists(path: archive)))
    let bytes = try pack.directory.bytes("archive")
    try pack.archive(level: 3, replacing: true)
    #expect(try pack.directory.bytes("archive") != bytes)
    // What is not an archive of a pack stays, though it begins as one does.
    for other in [Array("a thesis".utf8), Array(bytes.dropLast())] {
      try pack.directory.write("archive", other)
      let error = #expect(throws: ArchiveError.self) { try pack.archive(replacing: true) }
      #expect(
        error == .file(.notReplaced(path: archive, found: "is not an archive of a pack")))
      #expect(try pack.directory.bytes("archive") == other)
    }
  }

  @Test func `a pack whose manifest is out of proportion is refused`() throws {
    // Nothing but zeros compresses so far; real manifests hold digests.
    #expect(FrameTable().proportion.allowsManifest(of: 15))
    #expect(!FrameTable().proportion.allowsManifest(of: 16))
  }

  @Test func `work that is cancelled leaves nothing`() throws {
    let pack = try SmallPack()
    let monitor = Monitor(advance: { _ in }, isCancelled: { true })
    let error = #expect(throws: ArchiveError.self) {
      try PackArchiver(path: pack.path, monitor: monitor).write(to: pack.directory("archive"))
    }
    #expect(error == .cancelled)
    let archive = try pack.archive(as: "other")
    let reader = try ArchiveReader(path: archive)
    let target = pack.directory("again")
    let whole = #expect(throws: ArchiveError.self) {
      _ = try reader.restore(to: target, monitor: monitor)
    }
    #expect(whole == .cancelled)
    let part = #expect(throws: ArchiveError.self) {
      try reader.extract(reader.members[1], to: target, monitor: monitor)
    }
    #expect(part == .cancelled)
    #expect(pack.directory.names.filter { $0.hasPrefix("a") } == [])
  }

  @Test func `a pack with a companion that no reader would restore is refused`() throws {
    let pack = try SmallPack(try #require(SmallPack.recipes["mixed"]))
    try pack.directory.write(
      "small.muninn/README.md", [UInt8](repeating: 0x20, count: 32 << 20))
    let error = pack.refusal()
    guard case .contents(pack.path, .outOfProportion("README.md", 32 << 20, _))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!pack.directory.names.contains("refused"))
  }
}
