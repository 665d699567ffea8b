import FileAccess
import Foundation
import TestSupport
import Testing

struct OpenDirectoryTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["first", "second"] {
      try FileManager.default.createDirectory(
        atPath: directory(name), withIntermediateDirectories: false)
      try directory.write("\(name)/file", name)
    }
  }

  private func text(_ file: InputFile) throws -> String {
    String(decoding: try file.contents(limit: 100), as: UTF8.self)
  }

  @Test(arguments: OtherKind.allCases)
  func `only a directory is opened`(kind: OtherKind) throws {
    try kind.put(at: directory("other"))
    let isDirectory = (try? FileStatus(ofPath: directory("other")))?.kind == .directory
    #expect(((try? OpenDirectory(path: directory("other"))) != nil) == isDirectory)
    try directory.write("plain", "")
    #expect(
      throws: FileError.notADirectory(path: directory("plain"), found: "a regular file")
    ) { try OpenDirectory(path: directory("plain")) }
  }

  @Test func `files are those of the directory that was opened, wherever the path leads`() throws {
    let link = directory("link")
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: directory("first"))
    let opened = try OpenDirectory(path: link)
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: directory("second"))
    #expect(try text(opened.file("file")) == "first")
    #expect(opened.isPath(directory("first")) && !opened.isPath(link))
    #expect(throws: FileError.changed(path: link)) { try opened.checkUnchanged() }
    try PartialFile.write([0x61], name: "new", in: opened, replacing: false)
    #expect(try directory.bytes("first/new") == [0x61])
    #expect(try opened.names() == ["file", "new"])
  }

  @Test func `a file is opened once, and is what it was then`() throws {
    let opened = try OpenDirectory(path: directory("first"))
    #expect(try text(opened.file("file")) == "first")
    try FileManager.default.moveItem(
      atPath: directory("second/file"), toPath: directory("first/other"))
    _ = rename(directory("first/other"), directory("first/file"))
    #expect(try text(opened.file("file")) == "first")
    try opened.checkFilesUnchanged()
    #expect(throws: FileError.changed(path: directory("first"))) { try opened.checkUnchanged() }
  }

  @Test func `a file that is written to after it was opened has changed`() throws {
    let opened = try OpenDirectory(path: directory("first"))
    _ = try opened.file("file")
    try opened.checkUnchanged()
    let handle = try #require(FileHandle(forWritingAtPath: directory("first/file")))
    try handle.write(contentsOf: Data("longer than before".utf8))
    try handle.close()
    #expect(throws: FileError.changed(path: directory("first/file"))) {
      try opened.checkFilesUnchanged()
    }
  }

  @Test func `a directory that was removed has changed`() throws {
    let opened = try OpenDirectory(path: directory("first"))
    try FileManager.default.removeItem(atPath: directory("first"))
    #expect(throws: FileError.changed(path: directory("first"))) { try opened.checkUnchanged() }
  }
}
