import FileAccess
import Foundation
import TestSupport
import Testing

struct InputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  // MARK: - Opening

  @Test func `a link is opened as what it points to`() throws {
    let file = try directory.write("file", [1, 2, 3])
    try FileManager.default.createSymbolicLink(
      atPath: directory("link"), withDestinationPath: file)
    let input = try InputFile(path: directory("link"))
    #expect(input.path == directory("link"))
    #expect(input.byteCount == 3)
  }

  @Test func `a directory is not a file`() {
    let error = #expect(
      throws: FileError.notARegularFile(path: directory.path, found: "a directory")
    ) {
      try InputFile(path: directory.path)
    }
    #expect(error?.description == "'\(directory.path)' is a directory, expected a regular file")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a fifo is refused and not waited for`() throws {
    try #require(mkfifo(directory("fifo"), 0o600) == 0)
    #expect(throws: FileError.notARegularFile(path: directory("fifo"), found: "a fifo")) {
      try InputFile(path: directory("fifo"))
    }
  }

  @Test func `a device is not a file`() {
    #expect(throws: FileError.notARegularFile(path: "/dev/null", found: "a device")) {
      try InputFile(path: "/dev/null")
    }
  }

  @Test func `a link that leads nowhere names both ends`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory("link"), withDestinationPath: "../blobs/none")
    #expect(
      throws: FileError.danglingLink(path: directory("link"), target: "../blobs/none")
    ) {
      try InputFile(path: directory("link"))
    }
  }

  @Test func `a missing path is not found`() {
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try InputFile(path: directory("none"))
    }
  }

  // MARK: - Reading

  @Test func `bytes are read where they are asked for`() throws {
    let input = try InputFile(path: try directory.write("file", Array(0..<100)))
    #expect(try input.read(at: 10, count: 3) == [10, 11, 12])
    #expect(try input.read(at: 97, count: 3) == [97, 98, 99])
    #expect(try input.read(at: 100, count: 0) == [])
  }

  @Test func `elements are read in the file's byte order`() throws {
    let input = try InputFile(path: try directory.write("file", [9, 1, 2, 3, 4, 5, 6]))
    var values = [UInt16](repeating: 0, count: 3)
    var span = values.mutableSpan
    try input.read(at: 1, into: &span)
    #expect(values == [0x0201, 0x0403, 0x0605])
  }

  @Test(arguments: [(0, 9), (8, 1), (9, 0), (-1, 1), (0, -1), (.max, 1), (0, .max)])
  func `what lies outside the file is refused`(offset: Int, count: Int) throws {
    let input = try InputFile(path: try directory.write("file", Array(0..<8)))
    #expect(
      throws: FileError.ended(
        path: input.path, byteOffset: offset, needed: count,
        available: max(0, offset == -1 ? 9 : 8 - offset))
    ) {
      try input.read(at: offset, count: count)
    }
  }

  @Test func `a file that is cut after it was opened has ended`() throws {
    let input = try InputFile(path: try directory.write("file", Array(0..<8)))
    try #require(truncate(input.path, 5) == 0)
    #expect(input.byteCount == 8)
    let error = #expect(
      throws: FileError.ended(path: input.path, byteOffset: 2, needed: 6, available: 3)
    ) {
      try input.read(at: 2, count: 6)
    }
    #expect(
      error?.description
        == "'\(input.path)' changed while being read: expected 6 bytes at byte 2, found 3; "
        + "run again when nothing writes to it")
    #expect(try input.read(at: 2, count: 3) == [2, 3, 4])
  }

  @Test func `what is written to a file after it was opened is noticed`() throws {
    let path = try directory.write("file", [1, 2, 3])
    // Within one tick of the file system's clock, two writes have one time.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
    let file = try InputFile(path: path)
    try file.checkUnchanged()
    // Another name for it is no change of it.
    try FileManager.default.linkItem(atPath: path, toPath: directory("link"))
    try file.checkUnchanged()
    let writer = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try writer.write(contentsOf: Data([4]))
    try writer.close()
    #expect(throws: FileError.changed(path: path)) { try file.checkUnchanged() }
  }

  @Test func `a file that is removed after it was opened is still read`() throws {
    let input = try InputFile(path: try directory.write("file", [1, 2, 3]))
    try FileManager.default.removeItem(atPath: input.path)
    #expect(try input.read(at: 0, count: 3) == [1, 2, 3])
  }

  // MARK: - Whole

  @Test func `a small file is read whole, up to its limit`() throws {
    let path = try directory.write("file", [1, 2, 3])
    #expect(try InputFile.contents(of: path, limit: 3) == [1, 2, 3])
    let error = #expect(throws: FileError.tooLarge(path: path, byteCount: 3, limit: 2)) {
      try InputFile.contents(of: path, limit: 2)
    }
    #expect(
      error?.description == "'\(path)' has 3 bytes, expected at most 2")
  }

  @Test func `a file of no bytes is read as such`() throws {
    let path = try directory.write("file", [UInt8]())
    #expect(try InputFile.contents(of: path, limit: 0) == [])
  }

  @Test func `a file beyond its limit is refused before memory is taken`() throws {
    // A hole of an exabyte would not fit any memory.
    let path = try directory.write("file", [UInt8]())
    let size = 1 << 40
    try #require(truncate(path, size) == 0)
    #expect(throws: FileError.tooLarge(path: path, byteCount: size, limit: 1 << 20)) {
      try InputFile.contents(of: path, limit: 1 << 20)
    }
  }
}
