import FileAccess
import Foundation
import TestSupport
import Testing

struct FileStatusTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory(name), withDestinationPath: target)
  }

  @Test func `a path leads to what its link points to, the link itself is a link`() throws {
    try directory.write("file", [1, 2, 3])
    try link("link", to: "file")
    #expect(try FileStatus(ofPath: directory("link")).kind == .regular)
    #expect(try FileStatus(ofPath: directory("link")).byteCount == 3)
    #expect(try FileStatus(ofPath: directory("link")) == FileStatus(ofPath: directory("file")))
    #expect(try FileStatus(ofLink: directory("link")).kind == .link)
    #expect(try linkTarget(directory("link")) == "file")
  }

  @Test func `a link that leads nowhere is not the same as nothing at all`() throws {
    try link("link", to: "gone/file")
    let path = directory("link")
    let error = #expect(throws: FileError.danglingLink(path: path, target: "gone/file")) {
      try FileStatus(ofPath: path)
    }
    #expect(error?.description == "'\(path)' is a link to 'gone/file', which does not exist")
    #expect(error?.isNotFound == false)

    let nothing = directory("nothing")
    let missing = #expect(throws: FileError.notFound(path: nothing)) {
      try FileStatus(ofPath: nothing)
    }
    #expect(missing?.description == "'\(nothing)' does not exist")
    #expect(missing?.isNotFound == true)
  }

  @Test func `a path through a file is not found`() throws {
    let path = try directory.write("file", [1]) + "/below"
    #expect(throws: FileError.notFound(path: path)) { try FileStatus(ofPath: path) }
  }

  @Test func `links that lead in a circle are not the same as nothing at all`() throws {
    try link("a", to: "b")
    try link("b", to: "a")
    for path in [directory("a"), directory("a/below")] {
      #expect(throws: FileError.tooManyLinks(path: path)) { try FileStatus(ofPath: path) }
    }
  }

  @Test func `a path is resolved to where it leads`() throws {
    let root = try resolvedPath(directory.path)
    try directory.write("file", [1])
    try link("link", to: "file")
    #expect(root.hasPrefix("/"))
    #expect(try resolvedPath(directory("./link")) == "\(root)/file")
    #expect(try resolvedPath("\(directory.path)/../\(Path.name(of: root))/.") == root)
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try resolvedPath(directory("none"))
    }
  }

  @Test func `a directory is listed by the bytes of its names`() throws {
    for name in ["b", "a", "B", ".hidden", "é", "zz"] { try directory.write(name, [UInt8]()) }
    #expect(try directoryContents(directory.path) == [".hidden", "B", "a", "b", "zz", "é"])
  }

  /// Makes a file whose name ends in a byte that is no UTF-8, and maybe a link of another name to it.
  private func makeLatinFile(link: String? = nil) throws {
    let path = Array(directory("caf").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0]
    let descriptor = creat(path, 0o644)
    try #require(descriptor >= 0)
    close(descriptor)
    if let link { try #require(symlink(path, directory(link)) == 0) }
  }

  @Test func `a directory with a name that is not UTF-8 is not listed under another`() throws {
    try directory.write("caf\u{FFFD}", [1])
    try makeLatinFile()
    let error = FileError.nameNotUTF8(directory: directory.path, name: #"caf\xE9"#)
    #expect(throws: error) { try directoryContents(directory.path) }
    // Outputs are still written beside it.
    try PartialFile.write([1], to: directory("output"), replacing: false)
    #expect(try InputFile.contents(of: directory("output"), limit: 9) == [1])
  }

  @Test func `a link to a name that is not UTF-8 leads to no other`() throws {
    try directory.write("caf\u{FFFD}", [1, 2])
    try makeLatinFile(link: "link")
    let target = "\(directory.path)/" + #"caf\xE9"#
    let error = FileError.targetNotUTF8(path: directory("link"), target: target)
    #expect(throws: error) { try linkTarget(directory("link")) }
    #expect(throws: FileError.targetNotUTF8(path: directory("link"), target: target)) {
      try resolvedPath(directory("link"))
    }
    // The system itself follows it by its bytes.
    #expect(try FileStatus(ofPath: directory("link")).byteCount == 0)
    unlink(Array(directory("caf").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0])
    #expect(throws: FileError.danglingLink(path: directory("link"), target: target)) {
      try FileStatus(ofPath: directory("link"))
    }
  }

  @Test func `only a directory is listed`() throws {
    let path = try directory.write("file", [1])
    #expect(throws: FileError.notFound(path: path)) { try directoryContents(path) }
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try directoryContents(directory("none"))
    }
  }

  @Test func `free space is that of the path's file system`() throws {
    let space = try freeSpace(at: directory.path)
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: directory.path)
    let size = try #require(attributes[.systemSize] as? NSNumber)
    #expect((1...size.intValue).contains(space))
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try freeSpace(at: directory("none"))
    }
  }
}
