import FileAccess
import Foundation
import TestSupport
import Testing

struct PartialFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func partial(_ content: String, replacing: Bool = false) throws -> PartialFile {
    let file = try PartialFile(target: directory("file"), replacing: replacing)
    try file.output.write(Array(content.utf8).span.rawBytes, at: 0)
    return file
  }

  @Test func `a file appears under its name when it is published`() throws {
    let file = try partial("new")
    #expect(directory.names.count == 1)
    #expect(directory.names[0].wholeMatch(of: /file\.partial-[0-9a-f]{16}/) != nil)
    try file.publish()
    #expect(directory.names == ["file"])
    #expect(try directory.bytes("file") == Array("new".utf8))
  }

  @Test func `a file that is not published is removed with the value`() throws {
    do { _ = try partial("new") }
    #expect(directory.names == [])
  }

  @Test func `a published file stays when the value ends`() throws {
    do { try partial("new").publish() }
    #expect(directory.names == ["file"])
  }

  @Test func `an existing file is kept unless it may be replaced`() throws {
    do {
      let file = try partial("new")
      try directory.write("file", "old")
      #expect(throws: FileError.exists(path: directory("file"))) { try file.publish() }
    }
    #expect(directory.names == ["file"])
    #expect(throws: FileError.exists(path: directory("file"))) { try partial("new") }
    #expect(directory.names == ["file"])
    #expect(try directory.bytes("file") == Array("old".utf8))
    try partial("new", replacing: true).publish()
    #expect(directory.names == ["file"])
    #expect(try directory.bytes("file") == Array("new".utf8))
  }

  @Test func `a file is replaced only by one of its kind, when it begins and when it is published`()
    throws
  {
    let kind = OutputKind("a picture", prefix: Array("PIC".utf8))
    let path = directory("file")
    let refusal = FileError.notReplaced(path: path, found: "is not a picture")
    func write() throws {
      let file = try PartialFile(target: path, replacing: true, kind: kind)
      try file.output.write(Array("PIC2".utf8).span.rawBytes, at: 0)
      try file.publish()
    }
    try directory.write("file", "PIC1")
    try write()
    #expect(try directory.bytes("file") == Array("PIC2".utf8))
    // Nothing is lost with a file of nothing.
    try directory.write("file", "")
    try write()
    for text in ["PI", "a thesis", " PIC"] {
      try directory.write("file", text)
      #expect(throws: refusal) { try write() }
      #expect(throws: refusal) {
        try PartialFile.check(target: path, replacing: true, kind: kind)
      }
      #expect(try directory.bytes("file") == Array(text.utf8))
    }
    try directory.write("file", "PIC1")
    let file = try PartialFile(target: path, replacing: true, kind: kind)
    try directory.write("file", "a thesis")
    #expect(throws: refusal) { try file.publish() }
    #expect(try directory.bytes("file") == Array("a thesis".utf8))
  }

  @Test func `a link is replaced where what it leads to is of the kind, and that stays`() throws {
    let kind = OutputKind("a picture", prefix: Array("PIC".utf8))
    for (text, isOne) in [("PIC1", true), ("a thesis", false)] {
      try directory.write("elsewhere", text)
      try? FileManager.default.removeItem(atPath: directory("file"))
      try FileManager.default.createSymbolicLink(
        atPath: directory("file"), withDestinationPath: "elsewhere")
      let run = Result {
        try PartialFile.write([1], to: directory("file"), replacing: true, kind: kind)
      }
      #expect((try? run.get()) != nil || !isOne)
      #expect(try FileStatus(ofLink: directory("file")).kind == (isOne ? .regular : .link))
      #expect(try directory.bytes("elsewhere") == Array(text.utf8))
    }
  }

  @Test(arguments: ["", ".", "..", "/"])
  func `a file is written only under a name`(target: String) {
    #expect(throws: FileError.noName(path: target)) {
      try PartialFile(target: target, replacing: true)
    }
  }

  @Test(arguments: OtherKind.allCases)
  func `only a file is replaced by a file`(kind: OtherKind) throws {
    let before: FileStatus
    do {
      let file = try partial("new", replacing: true)
      try kind.put(at: directory("file"))
      before = try FileStatus(ofLink: directory("file"))
      let refusal = FileError.notARegularFile(
        path: directory("file"), found: before.kind.rawValue)
      #expect(throws: refusal) { try file.publish() }
      #expect(throws: refusal) { try partial("new", replacing: true) }
    }
    #expect(directory.names == ["file"])
    #expect(try FileStatus(ofLink: directory("file")) == before)
  }

  @Test func `the next run removes what a killed run leaves`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [target = directory("file") as String] in
      let file = try PartialFile(target: target, replacing: false)
      try file.output.write(Array("half".utf8).span.rawBytes, at: 0)
      kill(getpid(), SIGKILL)
    }
    #expect(directory.names.count == 1)
    try partial("new").publish()
    #expect(directory.names == ["file"])
  }

  @Test func `only abandoned files of the same target are removed`() throws {
    let names = ["other.partial-0123456789abcdef", "file.partial-0123456789abcde"]
    for name in names { try directory.write(name, "other") }
    let folder = "file.partial-0000000000000000"
    try FileManager.default.createDirectory(
      atPath: directory(folder), withIntermediateDirectories: false)
    let link = "file.partial-1111111111111111"
    try FileManager.default.createSymbolicLink(
      atPath: directory(link), withDestinationPath: names[0])
    try partial("new").publish()
    #expect(directory.names == (names + [folder, link, "file"]).sorted())
    #expect(try directory.bytes(names[0]) == Array("other".utf8))
  }

  @Test func `two files for one target do not meet`() throws {
    let (first, second) = (try partial("1", replacing: true), try partial("2"))
    #expect(directory.names.count == 2)
    try second.publish()
    try first.publish()
    #expect(try directory.bytes("file") == Array("1".utf8))
    #expect(directory.names == ["file"])
  }
}
