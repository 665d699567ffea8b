import Codecs
import FileAccess
import PackFormat
import TestSupport
import Testing

@testable import Archive

/// The page `archive.md`, held against the code.
struct ArchivePageTests {
  private func rows(_ heading: [String], _ number: Int = 0) throws -> [[String]] {
    let tables = MarkdownTable.tables(in: try Fixtures.page("archive.md")).filter {
      $0.heading.starts(with: heading)
    }
    return try #require(tables.count > number ? tables[number] : nil).rows
  }

  private func unquoted(_ cell: String) -> String { cell.replacing("`", with: "") }

  /// The bytes of a dump that begins with these columns.
  private func dump(_ beginning: String) throws -> [UInt8] {
    let blocks = try Fixtures.page("archive.md").split(separator: "```\n")
    let block = try #require(blocks.first { $0.hasPrefix(beginning) })
    return block.split(separator: "\n").flatMap { line in
      line.prefix { $0 != "|" }.split(separator: " ").filter { $0.count == 2 }
        .compactMap { UInt8($0, radix: 16) }
    }
  }

  /// The worked example's members.
  private let header = TarHeader(
    folder: "tiny", name: "README.md", isSplit: false, byteCount: 3)
  private var contents: [[UInt8]] {
    [header.blocks, Array("abc".utf8) + [UInt8](repeating: 0, count: 509), ArchiveMember.end]
  }

  @Test func `the worked archive holds what is written`() throws {
    let bytes = try dump("00000000  28 b5")
    #expect(try Fixtures.page("archive.md").contains(HexDump.text(of: bytes)))
    let directory = try TemporaryDirectory()
    let path = try directory.write("archive", bytes)
    #expect(try RawArchive(path: path).contents == contents)
    // zstd may compress otherwise, but what stands around its blocks is always the same.
    let table = try FrameTable(readingEndOf: InputFile(path: path))
    #expect(bytes.suffix(table.trailer.count) == table.trailer[...])
    for (frame, content) in zip(table.frames, contents) {
      let beginning = ZstdFrame.header(contentByteCount: content.count)
      #expect(bytes[frame.byteOffset...].starts(with: beginning))
    }
  }

  @Test func `the worked header is what is written`() throws {
    let bytes = try dump("00000000  74 69 6e 79")
    #expect(bytes == Array(header.blocks.prefix(bytes.count)))
    #expect(try Fixtures.page("archive.md").contains(HexDump.text(of: bytes)))
    #expect(bytes.count >= 272)
  }

  @Test func `the worked values are split so`() throws {
    let values: [UInt16] = [0x3F80, 0xBF81, 0x4000]
    var planes = [UInt8](repeating: 0, count: 6)
    var output = planes.mutableSpan
    BytePlanes.separate(values.span.rawBytes, into: &output)
    #expect(try dump("80 81") == planes)
  }

  @Test func `frames begin as on the page`() throws {
    for row in try rows(["content, bytes"]) {
      let count = try #require(Int(row[0].dropFirst(2), radix: 16))
      let bytes = unquoted(row[1]).split(separator: " ").compactMap { UInt8($0, radix: 16) }
      #expect(ZstdFrame.header(contentByteCount: count) == bytes)
    }
  }

  @Test func `the header's fields are those of the page`() throws {
    let blocks = header.blocks
    var listed = [Bool](repeating: false, count: 512)
    for row in try rows(["offset", "size", "field"], 2) {
      let range = try #require(Int(row[0])).advanced(by: 0)
      for index in range..<range + (try #require(Int(row[1]))) { listed[index] = true }
      let field = Array(blocks[range..<range + (try #require(Int(row[1])))])
      let value = unquoted(row[3]).split(separator: ",")[0]
      if ["mode", "uid", "gid", "mtime", "typeflag", "magic", "version"].contains(row[2]) {
        #expect(field.filter { $0 != 0 } == Array(value.utf8), "\(row[2])")
      }
    }
    #expect(blocks.indices.allSatisfy { listed[$0] || blocks[$0] == 0 })
  }

  @Test func `the records are those of the page`() throws {
    let rows = try rows(["record", "present if"])
    #expect(rows.map { unquoted($0[0]) } == ["comment", "path", "size"])
    #expect(unquoted(rows[0][2]) == TarHeader.splitComment)
    let all = TarHeader(
      folder: "ß", name: "core.seg", isSplit: true, byteCount: TarHeader.octalLimit + 1)
    let text = String(decoding: all.blocks[512..<1024], as: UTF8.self)
    let keys = text.split(separator: "\n").compactMap {
      $0.split(separator: "=").first?.split(separator: " ").last.map { String($0) }
    }
    #expect(keys.prefix(3) == ["comment", "path", "size"])
  }

  @Test func `the constants are those of the page`() throws {
    let rows = try rows(["constant", "value"])
    #expect(
      rows.map { [$0[0], $0[1]] } == [
        ["content of a frame", String(ZstdFrame.contentByteLimit)],
        ["frames, the checks included", String(FrameTable.frameLimit)],
        ["headers of a member", String(TarHeader.byteLimit)],
        ["manifest", String(PackConstants.manifestByteLimit)],
        ["manifest, and each companion, per byte of all frames", String(Proportion.factor)],
      ])
    let page = try Fixtures.page("archive.md")
    #expect(page.contains("`\(String(decoding: FrameTable.identifier, as: UTF8.self))`"))
    #expect(page.contains("| 16 | 4 | version | \(FrameTable.version) |"))
  }
}
