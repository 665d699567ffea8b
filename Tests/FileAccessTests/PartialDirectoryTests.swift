import Foundation
import TestSupport
import Testing

@testable import FileAccess

struct PartialDirectoryTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var target: String { directory("pack") }

  /// A partial directory with one file.
  private func partial(_ content: String, replacing: Bool = false) throws -> PartialDirectory {
    let partial = try PartialDirectory(target: target, replacing: replacing)
    let file = try OutputFile(creating: Path.join(partial.path, "file"))
    try file.write(Array(content.utf8).span.rawBytes, at: 0)
    try file.sync()
    return partial
  }

  private func make(_ name: String, files: [String] = ["file"]) throws {
    try FileManager.default.createDirectory(
      atPath: directory(name), withIntermediateDirectories: true)
    for file in files { try directory.write("\(name)/\(file)", "old") }
  }

  /// What a run that died leaves.
  private func makeAbandoned(_ digits: String, files: [String]) throws {
    try make("pack.partial-\(digits)", files: files + [".muninn-partial"])
  }

  // MARK: - Appearing

  @Test func `a directory appears whole under its name`() throws {
    let partial = try partial("new")
    #expect(directory.names.count == 1)
    #expect(directory.names[0].wholeMatch(of: /pack\.partial-[0-9a-f]{16}/) != nil)
    #expect(partial.path == directory(directory.names[0]))
    #expect(try directoryContents(partial.path) == [".muninn-partial", "file"])
    try partial.publish()
    #expect(directory.names == ["pack"])
    #expect(try directoryContents(target) == ["file"])
    #expect(try directory.bytes("pack/file") == Array("new".utf8))
  }

  @Test(arguments: ["", ".", "..", "/", "pack/.", "pack/..", "./"])
  func `a directory is written only under a name`(target: String) throws {
    for replacing in [false, true] {
      #expect(throws: FileError.noName(path: Path.trimmed(target))) {
        try PartialDirectory(target: target, replacing: replacing)
      }
    }
  }

  @Test func `a directory that could not get its name is removed, though its mark was gone`() throws
  {
    do {
      let partial = try partial("new")
      try make("pack")
      #expect(throws: FileError.exists(path: target)) { try partial.publish() }
      #expect(try directoryContents(partial.path) == ["file"])
    }
    #expect(directory.names == ["pack"])
  }

  @Test func `slashes after the target's name are not part of it`() throws {
    let partial = try PartialDirectory(target: target + "//", replacing: false)
    #expect(partial.target == target)
    try partial.publish()
    #expect(directory.names == ["pack"])
  }

  @Test func `a directory that is not published is removed with the value`() throws {
    do { _ = try partial("new") }
    #expect(directory.names == [])
  }

  @Test func `a published directory stays when the value ends`() throws {
    do { try partial("new").publish() }
    #expect(directory.names == ["pack"])
  }

  @Test func `a directory is written only where its parent is`() {
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try PartialDirectory(target: directory("none/pack"), replacing: false)
    }
  }

  // MARK: - What is there already

  @Test(arguments: ["a directory", "a file", "a dangling link"])
  func `an existing target is not replaced unless asked`(kind: String) throws {
    switch kind {
    case "a directory": try make("pack")
    case "a file": try directory.write("pack", "old")
    default:
      try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: "none")
    }
    #expect(throws: FileError.exists(path: target)) {
      try PartialDirectory(target: target, replacing: false)
    }
    #expect(directory.names == ["pack"])
  }

  @Test func `a target that appears during the work is not replaced either`() throws {
    do {
      let partial = try partial("new")
      try make("pack", files: [])
      #expect(throws: FileError.exists(path: target)) { try partial.publish() }
    }
    #expect(directory.names == ["pack"])
    #expect(try directoryContents(target) == [])
  }

  @Test func `an old directory is exchanged for the new one and removed`() throws {
    try make("pack", files: ["file", "another"])
    let partial = try partial("new", replacing: true)
    #expect(try directory.bytes("pack/file") == Array("old".utf8))
    var asked: [String] = []
    let left = try partial.publish { path in
      asked.append(path)
      return true
    }
    #expect(left == nil)
    #expect(asked == [partial.path])
    #expect(directory.names == ["pack"])
    #expect(try directoryContents(target) == ["file"])
    #expect(try directory.bytes("pack/file") == Array("new".utf8))
  }

  @Test func `replacing nothing is publishing`() throws {
    let left = try partial("new", replacing: true).publish { _ in
      Issue.record("nothing was to be replaced")
      return true
    }
    #expect(left == nil)
    #expect(directory.names == ["pack"])
  }

  @Test func `an old directory that proves not to be replaceable is left beside the new one`()
    throws
  {
    try make("pack")
    let left = try partial("new", replacing: true).publish { _ in false }
    let name = Path.name(of: try #require(left))
    #expect(name.wholeMatch(of: /pack\.replaced-[0-9a-f]{16}/) != nil)
    #expect(directory.names == ["pack", name])
    #expect(try directory.bytes("pack/file") == Array("new".utf8))
    #expect(try directory.bytes(name + "/file") == Array("old".utf8))
    // It is not the next run's to remove either.
    #expect(try partial("newer", replacing: true).publish { _ in true } == nil)
    #expect(directory.names == ["pack", name])
  }

  @Test func `what cannot be examined after the exchange is kept whole`() throws {
    try make("pack")
    let refusal = FileError.system(operation: .inspect, path: "file", errno: EIO)
    let left = try partial("new", replacing: true).publish { _ throws(FileError) in throw refusal }
    let name = Path.name(of: try #require(left))
    #expect(name.wholeMatch(of: /pack\.replaced-[0-9a-f]{16}/) != nil)
    #expect(try partial("newer", replacing: true).publish { _ in true } == nil)
    #expect(directory.names == ["pack", name])
    #expect(try directoryContents(directory(name)) == ["file"])
  }

  @Test func `a directory that was exchanged is not removed by another run`() throws {
    try make("pack", files: ["file", "another"])
    let left = try partial("new", replacing: true).publish { path throws(FileError) in
      _ = try PartialDirectory(target: target, replacing: true)
      return try directoryContents(path).count == 2
    }
    #expect(left == nil)
    #expect(directory.names == ["pack"])
  }

  @Test func `a lock that another run does not give up is an error in the end`() throws {
    try make("pack")
    let lock = try #require(try PartialLock(path: target, kind: .directory))
    #expect(try PartialLock(path: target, kind: .directory) == nil)
    let refusal = FileError.system(operation: .lock, path: target, errno: EWOULDBLOCK)
    #expect(throws: refusal) { try PartialLock(path: target, kind: .directory, patience: 2) }
    withExtendedLifetime(lock) {}
  }

  @Test func `a published directory can be replaced while the value lives`() throws {
    let first = try partial("1")
    try first.publish()
    let second = try partial("2", replacing: true)
    #expect(try withExtendedLifetime(first) { try second.publish { _ in true } } == nil)
    #expect(try directory.bytes("pack/file") == Array("2".utf8))
  }

  @Test func `a directory that somebody removed after the exchange is not reported as left`() throws
  {
    try make("pack")
    let left = try partial("new", replacing: true).publish { path throws(FileError) in
      try? FileManager.default.removeItem(atPath: path)
      return false
    }
    #expect(left == nil)
    #expect(directory.names == ["pack"])
  }

  @Test func `a link is exchanged itself, and neither it nor what it points to is removed`() throws
  {
    try make("elsewhere")
    try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: "elsewhere")
    let partial = try partial("new", replacing: true)
    let left = try #require(try partial.publish { _ in true })
    #expect(Path.name(of: left).hasPrefix("pack.replaced-"))
    #expect(try linkTarget(left) == "elsewhere")
    #expect(try FileStatus(ofLink: target).kind == .directory)
    #expect(try directory.bytes("pack/file") == Array("new".utf8))
    #expect(try directoryContents(directory("elsewhere")) == ["file"])
    #expect(try directory.bytes("elsewhere/file") == Array("old".utf8))
  }

  @Test func `an old directory with a directory in it is left beside the new one`() throws {
    try make("pack/below")
    let partial = try partial("new", replacing: true)
    #expect(try partial.publish { _ in true } == partial.path)
    #expect(try directory.bytes("pack/file") == Array("new".utf8))
    #expect(try directory.bytes(Path.name(of: partial.path) + "/below/file").count == 3)
  }

  // MARK: - What other runs left

  @Test func `leftovers of dead runs for the same target are removed`() throws {
    try makeAbandoned("0123456789abcdef", files: ["a", "b"])
    try makeAbandoned("0000000000000000", files: [])
    try make("pack.partial-fedcba9876543210", files: [])
    let partial = try partial("new")
    #expect(directory.names == [Path.name(of: partial.path)])
  }

  @Test func `a folder of somebody that has such a name stays, with its files`() throws {
    let names = ["pack.partial-0123456789abcdef", "pack.partial-1111111111111111"]
    try make(names[0], files: ["thesis.txt", "file"])
    try make("\(names[1])/.muninn-partial", files: ["not a mark"])
    try partial("new").publish()
    #expect(directory.names == ["pack"] + names)
    #expect(try directoryContents(directory(names[0])) == ["file", "thesis.txt"])
    #expect(try directoryContents(directory("\(names[1])/.muninn-partial")) == ["not a mark"])
  }

  @Test func `what was exchanged is marked before its files go`() throws {
    // One file that cannot go, because it is none, and the mark that it leaves for the next run.
    try make("pack/below")
    let left = try #require(try partial("new", replacing: true).publish { _ in true })
    #expect(try directoryContents(left) == [".muninn-partial", "below"])
    try FileManager.default.removeItem(atPath: "\(left)/below")
    try partial("newer", replacing: true).publish { _ in true }
    #expect(directory.names == ["pack"])
  }

  @Test func `the next run removes what a killed run leaves`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [target = target as String] in
      let partial = try PartialDirectory(target: target, replacing: false)
      _ = try OutputFile(creating: Path.join(partial.path, "file"))
      kill(getpid(), SIGKILL)
    }
    let left = directory.names
    #expect(left.count == 1)
    let partial = try partial("new")
    #expect(directory.names == [Path.name(of: partial.path)])
    #expect(directory.names != left)
  }

  @Test func `files of a living run are left alone`() throws {
    let first = try partial("1")
    let second = try partial("2")
    #expect(directory.names.count == 2)
    try first.publish()
    #expect(throws: FileError.exists(path: target)) { try second.publish() }
    #expect(try directory.bytes("pack/file") == Array("1".utf8))
  }

  @Test func `other names are left alone`() throws {
    let names = [
      "other.partial-0123456789abcdef", "pack.partial-0123456789abcde",
      "pack.partial-0123456789abcdeX", "packs", "xpack.partial-0123456789abcdef",
    ]
    for name in names { try make(name) }
    try directory.write("pack.partial-0000000000000000", "a file, which no run leaves")
    try FileManager.default.createSymbolicLink(
      atPath: directory("pack.partial-1111111111111111"), withDestinationPath: "packs")
    try partial("new").publish()
    let left =
      names + ["pack", "pack.partial-0000000000000000", "pack.partial-1111111111111111"]
    #expect(directory.names == left.sorted())
    #expect(try directory.bytes("packs/file") == Array("old".utf8))
  }
}
