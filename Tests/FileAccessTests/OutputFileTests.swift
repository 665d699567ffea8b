import FileAccess
import TestSupport
import Testing

struct OutputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ bytes: [UInt8], to file: OutputFile, at offset: Int) throws {
    try file.write(bytes.span.rawBytes, at: offset)
  }

  @Test func `bytes are written where they are put, in any order`() throws {
    let file = try OutputFile(creating: directory("file"))
    try write([4, 5], to: file, at: 4)
    try write([1, 2], to: file, at: 1)
    try file.sync()
    #expect(try directory.bytes("file") == [0, 1, 2, 0, 4, 5])
  }

  @Test func `an existing file is not opened`() throws {
    let path = try directory.write("file", "old")
    let error = #expect(throws: FileError.system(operation: .create, path: path, errno: 17)) {
      try OutputFile(creating: path)
    }
    #expect(error?.description == "cannot create '\(path)': File exists")
    #expect(try directory.bytes("file") == Array("old".utf8))
  }

  @Test func `a file is created only in an existing directory`() {
    #expect(throws: FileError.notFound(path: directory("none/file"))) {
      try OutputFile(creating: directory("none/file"))
    }
  }

  @Test(arguments: [0, 1, 4096, 100_000])
  func `a file is reserved at its length, as zeros`(count: Int) throws {
    let file = try OutputFile(creating: directory("file"))
    try file.preallocate(byteCount: count)
    #expect(try directory.bytes("file") == [UInt8](repeating: 0, count: count))
  }

  @Test func `more than the disk has is refused before the work`() throws {
    let file = try OutputFile(creating: directory("file"))
    let error = #expect(throws: FileError.self) { try file.preallocate(byteCount: 1 << 60) }
    // ENOSPC, or EFBIG where no file of the file system may be so long.
    guard case .system(operation: .preallocate, path: file.path, errno: let code) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect([28, 27].contains(code))
  }

  @Test func `no bytes are written as none`() throws {
    let file = try OutputFile(creating: directory("file"))
    try write([], to: file, at: 10)
    #expect(try directory.bytes("file") == [])
  }
}
