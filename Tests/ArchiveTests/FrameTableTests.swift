import FileAccess
import Tensors
import TestSupport
import Testing

@testable import Archive

struct FrameTableTests {
  private let directory: TemporaryDirectory
  /// Two frames of some content, and the table.
  private let bytes: [UInt8]

  init() throws {
    directory = try TemporaryDirectory()
    bytes = RawArchive([[1, 2, 3], [UInt8](repeating: 7, count: 5000)]).bytes
  }

  private func error(_ bytes: [UInt8]) throws -> ArchiveError? {
    let file = try InputFile(path: try directory.write("archive", bytes))
    do throws(ArchiveError) {
      _ = try FrameTable(readingEndOf: file)
      return nil
    } catch {
      return error
    }
  }

  /// The file with a little-endian word at an offset from its end.
  private func with(_ word: UInt32, atEnd offset: Int, in bytes: [UInt8]? = nil) -> [UInt8] {
    var bytes = bytes ?? self.bytes
    for byte in 0..<4 {
      bytes[bytes.count - offset + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte))
    }
    return bytes
  }

  private var path: String { directory("archive") }

  @Test func `a table says where the frames lie`() throws {
    let file = try InputFile(path: try directory.write("archive", bytes))
    let table = try FrameTable(readingEndOf: file)
    #expect(table.frames.map(\.contentByteCount) == [3, 5000])
    #expect(table.frames[0].byteOffset == 0)
    #expect(table.frames[1].byteOffset == table.frames[0].compressedByteCount)
    #expect(bytes.suffix(table.trailer.count) == table.trailer[...])
    #expect(table.byteCount + table.trailer.count == bytes.count)
    // No frame at all is a table too; the members are missed later.
    #expect(try error(FrameTable().trailer) == nil)
  }

  @Test func `what does not end as an archive is none`() throws {
    for other in [
      [], [UInt8](repeating: 0, count: 36), [UInt8](repeating: 0, count: 37),
      Array(bytes.dropLast()), bytes + [0], with(0, atEnd: 4), Array("PK\u{3}\u{4}".utf8),
    ] {
      #expect(try error(other) == .notAnArchive(path: path))
    }
    // A seek table of another program's, behind which no checks lie.
    var other = bytes
    other[other.count - FrameTable().trailer.count - 24 + 8] ^= 1
    #expect(try error(other) == .notAnArchive(path: path))
  }

  @Test func `an archive of another version is refused by name`() throws {
    let offset = FrameTable().trailer.count + 24 - 16
    for version: UInt32 in [0, 3] {
      #expect(
        try error(with(version, atEnd: offset)) == .version(path: path, found: Int(version)))
    }
  }

  @Test func `a table lists every byte before it, the checks as the last frame, of no content`()
    throws
  {
    let file = try InputFile(path: try directory.write("archive", bytes))
    let table = try FrameTable(readingEndOf: file)
    let count = table.frames.count + 1
    // Of the format's own description: 8 bytes for each frame before a footer of 9.
    let words = stride(from: bytes.count - 9 - 8 * count, to: bytes.count - 9, by: 4).map {
      UInt32(littleEndianBytes: bytes[$0..<$0 + 4])
    }
    let lengths = stride(from: 0, to: words.count, by: 2).map { Int(words[$0]) }
    #expect(lengths.reduce(0, +) == bytes.count - (8 + 8 * count + 9))
    #expect(words.last == 0)
    #expect(lengths.last == 20 + 4 * count)
  }

  @Test func `an archive of version 1, whose table does not list the checks, is read`() throws {
    let file = try InputFile(path: try directory.write("archive", bytes))
    let table = try FrameTable(readingEndOf: file)
    let old = bytes.dropLast(table.trailer.count) + table.trailer(ofVersion: 1)
    let oldFile = try InputFile(path: try directory.write("old", Array(old)))
    #expect(try FrameTable(readingEndOf: oldFile) == table)
    // Each version's table is refused under the other's number.
    let offset = 37 + 24 - 16
    #expect(
      try error(with(2, atEnd: offset, in: Array(old)))
        == .table(
          path: path,
          .total(expected: table.byteCount, found: table.frames[0].compressedByteCount)))
    guard
      case .table(_, .frameLength(index: 2, _, content: 0))? = try error(
        with(1, atEnd: offset + 12))
    else {
      Issue.record("a table of version 2 is read as one of version 1")
      return
    }
    // And one of version 2 lists the checks, if nothing else.
    guard
      case .table(_, .notCanonical)? = try error(
        with(2, atEnd: 37 - 16, in: FrameTable().trailer(ofVersion: 1)))
    else {
      Issue.record("a table that does not list the checks is read as one of version 2")
      return
    }
  }

  @Test(arguments: [4, 0x800_0000, 0x800_0001, UInt32.max])
  func `more frames than there is room for are refused before memory is taken`(
    count: UInt32
  ) throws {
    let error = try error(with(count, atEnd: 9))
    if count == 4 {
      // There is room, and what lies there is something else.
      #expect(error == .notAnArchive(path: path))
    } else {
      #expect(
        error == .table(path: path, .frameCount(Int(count), byteCount: bytes.count)))
    }
  }

  @Test func `a frame of no or too much content, or longer than zstd makes it, is refused`() throws
  {
    let second = 9 + 8 + 8
    for (offset, value) in [
      (second - 4, UInt32(0)), (second - 4, 4 << 20 + 1), (second - 4, .max), (second, 0),
      (second, 10_000), (second, .max),
    ] {
      guard case .table(_, .frameLength(let index, _, _))? = try error(with(value, atEnd: offset))
      else {
        Issue.record("\(value) is accepted")
        continue
      }
      #expect(index == 1)
    }
  }

  @Test func `frames that do not fill the file are refused`() throws {
    let first = try FrameTable(
      readingEndOf: InputFile(path: try directory.write("archive", bytes))
    ).frames[0]
    let longer = with(UInt32(first.compressedByteCount + 1), atEnd: 9 + 24)
    let total = bytes.count - FrameTable().trailer.count - 24
    #expect(
      try error(longer) == .table(path: path, .total(expected: total, found: total + 1)))
    #expect(
      try error([0] + bytes) == .table(path: path, .total(expected: total + 1, found: total)))
  }

  @Test func `no other byte of the table can be another`() throws {
    let start = bytes.count - FrameTable().trailer.count - 24
    // The two frames' headers, what stands for the checks in both, and the descriptor.
    for offset in Array(0..<8) + Array(28..<40) + Array(56..<64) + [73 - 5] {
      var damaged = bytes
      damaged[start + offset] ^= 1
      #expect(
        try error(damaged) == .table(path: path, .notCanonical(byteOffset: start + offset)))
    }
  }
}
