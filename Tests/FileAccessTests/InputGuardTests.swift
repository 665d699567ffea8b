import FileAccess
import Foundation
import TestSupport
import Testing

/// What is read is not written over, however a path to it is spelled.
struct InputGuardTests {
  private let directory: TemporaryDirectory

  /// `work/model` with two files, beside it `work/other` and a file.
  init() throws {
    directory = try TemporaryDirectory()
    for name in ["work/model/below", "work/other"] { try make(name) }
    for name in ["model/weights", "model/config", "other/weights", "text"] {
      try directory.write("work/\(name)", name)
    }
  }

  private func make(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: directory(name), withIntermediateDirectories: true)
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory(name), withDestinationPath: target)
  }

  /// How writing a path meets what is read; nil where it spares that.
  private func overlap(_ target: String, _ inputs: InputGuard) throws -> FileError.Overlap? {
    do throws(FileError) {
      try inputs.check(directory(target))
      return nil
    } catch {
      guard case .overlapsInput(let path, let overlap, _) = error else { throw error }
      #expect(path == directory(target))
      return overlap
    }
  }

  private func overlap(_ target: String, reading paths: String...) throws -> FileError.Overlap? {
    try overlap(target, try InputGuard(paths.map { directory($0) }))
  }

  @Test(arguments: [
    "model", "model/", "model///", "./model", "model/.", "model/below/..", "other/../model",
    "model/./.",
  ])
  func `a directory that is read is itself, however it is spelled`(target: String) throws {
    #expect(try overlap("work/\(target)", reading: "work/model") == .isInput)
    // And however it was spelled when it was read.
    #expect(try overlap("work/model", reading: "work/\(target)") == .isInput)
  }

  @Test(
    arguments: [
      ("work", .holds), ("", .holds), ("work/model/new", .liesIn), ("work/model/below", .liesIn),
      ("work/model/below/new", .liesIn), ("work/model/weights", .isInput),
      ("work/model/../model/new", .liesIn), ("work/other", nil), ("work/other/new", nil),
      ("work/other/weights", nil), ("work/text", nil), ("work/new", nil), ("work/new/", nil),
      // Who writes there says best why it cannot.
      ("work/none/new", nil), ("work/model/weights/new", nil),
    ] as [(String, FileError.Overlap?)])
  func `a directory is guarded with all places in it, and with those above`(
    target: String, expected: FileError.Overlap?
  ) throws {
    #expect(try overlap(target, reading: "work/model") == expected)
  }

  @Test(
    arguments: [
      ("work/text", .isInput), ("work/text/", .isInput), ("work/model/../text", .isInput),
      ("work", .holds), ("work/new", nil), ("work/model", nil), ("work/text.new", nil),
    ] as [(String, FileError.Overlap?)])
  func `a file is guarded alone, and new ones may be written beside it`(
    target: String, expected: FileError.Overlap?
  ) throws {
    #expect(try overlap(target, reading: "work/text") == expected)
    let file = try InputFile(path: directory("work/text"))
    var inputs = try InputGuard()
    try inputs.add(file)
    #expect(try overlap(target, inputs) == expected)
  }

  @Test func `a symbolic link to an input is not the input, a hard link is`() throws {
    try link("work/link", to: "model")
    try link("work/other/link", to: "../link")
    try link("work/other/file", to: "../model/weights")
    try link("work/loop", to: "loop")
    try link("work/dangling", to: "none")
    try FileManager.default.linkItem(
      atPath: directory("work/text"), toPath: directory("work/other/hard"))
    for name in ["link", "link/", "other/link", "other/file"] {
      #expect(try overlap("work/\(name)", reading: "work/model") == .leadsToInput, "\(name)")
    }
    for name in ["link/new", "other/link/new", "other/link/below"] {
      #expect(try overlap("work/\(name)", reading: "work/model") == .liesIn, "\(name)")
    }
    #expect(try overlap("work/other/hard", reading: "work/text") == .isInput)
    for name in ["loop", "dangling"] {
      #expect(try overlap("work/\(name)", reading: "work/model") == nil, "\(name)")
    }
    // What is read through a link is guarded, too, and so is the link.
    #expect(try overlap("work/model", reading: "work/other/link") == .isInput)
    #expect(try overlap("work/link", reading: "work/other/link") == .leadsToInput)
    #expect(try overlap("work/model/new", reading: "work/other/link") == .liesIn)
  }

  @Test func `files that links in a directory lead to are guarded, wherever they are`() throws {
    // As a hub's cache has it: the snapshot links to blobs, those into a store.
    for name in ["cache/snapshots/1", "cache/blobs", "store/deep"] { try make(name) }
    try directory.write("store/deep/content", "weights")
    try link("cache/blobs/hash", to: directory("store/deep/content"))
    try link("cache/snapshots/1/weights", to: "../../blobs/hash")
    try link("cache/snapshots/1/dangling", to: "../../blobs/none")
    let expected: [(String, FileError.Overlap?)] = [
      ("store/deep/content", .isInput), ("cache/blobs/hash", .leadsToInput),
      ("cache/snapshots/1/weights", .leadsToInput), ("store/deep", .holds), ("store", .holds),
      ("cache/blobs", .holds), ("cache", .holds), ("cache/snapshots/1", .isInput),
      ("cache/blobs/new", nil), ("store/deep/new", nil), ("cache/snapshots/2", nil),
    ]
    for (target, overlap) in expected {
      #expect(try self.overlap(target, reading: "cache/snapshots/1") == overlap, "\(target)")
    }
  }

  @Test func `a file stays guarded when its path leads elsewhere by now`() throws {
    let file = try InputFile(path: directory("work/model/weights"))
    try FileManager.default.moveItem(
      atPath: directory("work/model/weights"), toPath: directory("work/moved"))
    try directory.write("work/model/weights", "another")
    var inputs = try InputGuard()
    try inputs.add(file)
    #expect(try overlap("work/moved", inputs) == .isInput)
    #expect(try overlap("work/model/weights", inputs) == nil)
  }

  @Test func `folders whose names are no text are climbed through`() throws {
    let bytes = Array(directory.path.utf8) + Array("/bad".utf8) + [0xFF, 0xFE]
    let name = bytes.map { CChar(bitPattern: $0) } + [0]
    try #require(mkdir(name, 0o755) == 0)
    try link("way", to: "\(directory.path)/work")
    // The model moves below the folder that no path can spell, and is reached by a link alone.
    let below = Array(name.dropLast()) + Array("/model".utf8CString)
    try #require(rename(directory("work/model"), below) == 0)
    try #require(symlink(below, directory("work/model")) == 0)
    for target in ["work/model", "work/model/new", "work/model/below/new"] {
      #expect(try overlap(target, reading: "work/model") != nil, "\(target)")
    }
  }

  @Test(arguments: ["", "/", ".", "..", "work/new/..", "work/other/."])
  func `a path without a final name is refused`(target: String) throws {
    #expect(throws: FileError.self) {
      try InputGuard([directory("work/text")]).check(target)
    }
  }

  @Test func `a missing input is an error`() {
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try InputGuard([directory("none")])
    }
  }
}
