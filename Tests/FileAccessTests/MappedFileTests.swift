import FileAccess
import Foundation
import TestSupport
import Testing

struct MappedFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func copy(of file: borrowing MappedFile) -> [UInt8] {
    var bytes: [UInt8] = []
    file.bytes.append(to: &bytes)
    return bytes
  }

  @Test func `a file is mapped whole`() throws {
    let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
    let path = try directory.write("file", content)
    let file = try MappedFile(path: path)
    #expect(file.path == path)
    #expect(copy(of: file) == content)
  }

  @Test func `the map begins on a page`() throws {
    let file = try MappedFile(path: try directory.write("file", [UInt8](0..<64)))
    let lanes = try file.bytes.view(of: SIMD64<UInt8>.self, at: 0, count: 1)
    let last = lanes[0][63]
    #expect(last == 63)
  }

  @Test func `a file of no bytes is a map of none`() throws {
    let file = try MappedFile(path: try directory.write("file", [UInt8]()))
    #expect(copy(of: file) == [])
    let count = try file.bytes.view(of: UInt64.self, at: 0, count: 0).count
    #expect(count == 0)
  }

  @Test func `a file that was replaced by a rename stays as it was mapped`() throws {
    let path = try directory.write("file", "old")
    let file = try MappedFile(path: path)
    let other = try directory.write("other", "new")
    try #require(rename(other, path) == 0)
    #expect(copy(of: file) == Array("old".utf8))
  }

  @Test(arguments: [0, 1, 5000])
  func `a map is read ahead and kept in memory without a change`(count: Int) throws {
    let content = [UInt8](repeating: 7, count: count)
    let file = try MappedFile(path: try directory.write("file", content))
    try file.adviseWillNeed()
    try file.pin()
    #expect(copy(of: file) == content)
  }

  @Test func `only a regular file is mapped`() throws {
    try #require(mkfifo(directory("fifo"), 0o600) == 0)
    for (path, found) in [
      (directory.path, "a directory"), (directory("fifo"), "a fifo"), ("/dev/zero", "a device"),
    ] {
      do {
        _ = try MappedFile(path: path)
        Issue.record("\(path) was mapped")
      } catch {
        #expect(error == .notARegularFile(path: path, found: found))
      }
    }
  }

  @Test func `a missing path is not found`() {
    do {
      _ = try MappedFile(path: directory("none"))
      Issue.record("nothing was mapped")
    } catch {
      #expect(error == .notFound(path: directory("none")))
    }
  }
}
