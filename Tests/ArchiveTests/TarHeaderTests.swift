import TestSupport
import Testing

@testable import Archive

struct TarHeaderTests {
  private static let plain = TarHeader(
    folder: "tiny.muninn", name: "core.seg", isSplit: false, byteCount: 1_458_176)

  private func error(_ bytes: [UInt8]) -> TarHeaderError? {
    do throws(TarHeaderError) {
      _ = try TarHeader(parsing: bytes)
      return nil
    } catch {
      return error
    }
  }

  /// A block with bytes of a field replaced, and its sum put right.
  private func block(
    _ header: TarHeader = plain, at offset: Int, _ text: String
  ) -> [UInt8] {
    var block = Array(header.blocks.suffix(512))
    for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    let sum = TarHeader.octal(TarHeader.checksum(block), digits: 6)
    for (index, byte) in sum.enumerated() { block[148 + index] = byte }
    return block
  }

  @Test(arguments: [
    plain,
    TarHeader(folder: "a", name: "SHA256SUMS", isSplit: false, byteCount: 0),
    TarHeader(folder: "a b ", name: ".gitattributes", isSplit: false, byteCount: 1),
    TarHeader(folder: "Ḣuginn–ß", name: "coda.seg", isSplit: false, byteCount: 511),
    TarHeader(
      folder: String(repeating: "x", count: 255), name: "embedding.seg", isSplit: true,
      byteCount: 0o77777777777),
    TarHeader(folder: "x", name: "core.seg", isSplit: true, byteCount: 0o100000000000),
    TarHeader(folder: "x", name: "core.seg", isSplit: false, byteCount: .max),
    TarHeader(
      folder: "x", name: "tokenizer\(String(repeating: "y", count: 241)).json", isSplit: false,
      byteCount: 7),
  ])
  func `headers are read as they were written`(header: TarHeader) throws {
    let blocks = header.blocks
    #expect(blocks.count.isMultiple(of: 512) && blocks.count <= TarHeader.byteLimit)
    #expect(try TarHeader(parsing: blocks) == header)
  }

  @Test func `an extended header appears only where it is needed`() {
    #expect(Self.plain.blocks.count == 512)
    let hundred = TarHeader(
      folder: String(repeating: "f", count: 91), name: "core.seg", isSplit: false, byteCount: 1)
    #expect(hundred.path.utf8.count == 100 && hundred.blocks.count == 512)
    let more = TarHeader(
      folder: String(repeating: "f", count: 92), name: "core.seg", isSplit: false, byteCount: 1)
    #expect(more.blocks.count == 1536)
  }

  @Test func `a record counts the digits of its own length`() {
    for count in 80...110 {
      let header = TarHeader(
        folder: String(repeating: "é", count: count / 2), name: "core.seg", isSplit: false,
        byteCount: 1)
      let body = header.blocks[512..<1024].prefix { $0 != 0 }
      let text = String(decoding: body, as: UTF8.self)
      #expect(text.prefix { $0 != " " } == String(text.utf8.count))
      #expect(text.hasSuffix(" path=\(header.path)\n"))
    }
  }

  @Test func `headers of another length are refused`() {
    for bytes in [[], Array(Self.plain.blocks.dropLast()), Self.plain.blocks + [0]] {
      #expect(error(bytes) == .length(byteCount: bytes.count))
    }
    let zeros = [UInt8](repeating: 0, count: 2560)
    #expect(error(zeros) == .length(byteCount: 2560))
  }

  @Test func `a header whose sum is another is refused`() {
    var blocks = Self.plain.blocks
    blocks[0] ^= 1
    #expect(error(blocks) == .checksum)
    #expect(error([UInt8](repeating: 0, count: 512)) == .checksum)
  }

  @Test(arguments: [
    ("1", "a hard link"), ("2", "a symbolic link"), ("3", "a device"), ("4", "a device"),
    ("5", "a directory"), ("6", "a fifo"), ("7", "of the type 0x37"), ("S", "a sparse file"),
    ("L", "of the type 0x4c"), ("g", "of the type 0x67"), ("\0", "of the type 0x0"),
  ])
  func `a member that is not a regular file is refused by its kind`(type: String, kind: String) {
    let error = error(block(at: 156, type))
    #expect(error == .type(path: "tiny.muninn/core.seg", found: type.utf8.first ?? 0))
    #expect(error?.description.contains(" is \(kind), expected a regular file") == true)
  }

  @Test func `an extended header of another type is refused`() {
    let header = TarHeader(folder: "x", name: "core.seg", isSplit: true, byteCount: 1)
    var blocks = header.blocks
    blocks.replaceSubrange(0..<512, with: block(at: 156, "g"))
    #expect(error(blocks) == .type(path: "tiny.muninn/core.seg", found: UInt8(ascii: "g")))
  }

  @Test(arguments: [
    "", "core.seg", "/core.seg", "../core.seg", "./core.seg", "a/../core.seg", "a/b/core.seg",
    "/etc/passwd", "a/", "a//core.seg", "a/evil.sh", "a/..", ".ssh/core.seg", "a\n/core.seg",
    "a/core.seg/", "a/CORE.SEG", "a/core.seg.split.split", "a/LICENSE\\..\\x y",
  ])
  func `a path other than a folder and a file of a pack is refused`(path: String) {
    let field = path + String(repeating: "\0", count: 100 - path.utf8.count)
    #expect(error(block(at: 0, field)) == .path(path))
  }

  @Test(arguments: ["99999999999", "-0000000001", "           ", "0x000000001", "7777777777 "])
  func `a size that is not an octal number is refused`(size: String) {
    #expect(error(block(at: 124, size)) == .size(path: "tiny.muninn/core.seg", found: size))
  }

  @Test(arguments: [
    (100, "0000755"), (100, "0004644"), (108, "0000001"), (116, "0000001"), (136, "00000000001"),
    (157, "x"), (257, "ustar "), (263, " \0"), (265, "root"), (297, "root"), (329, "0000000"),
    (345, "prefix"), (511, "x"), (99, "x"),
  ])
  func `what else a header can say is refused where it stands`(offset: Int, text: String) {
    guard case .notCanonical(_, let found)? = error(block(at: offset, text)) else {
      Issue.record("byte \(offset) may be \(text)")
      return
    }
    #expect((offset..<offset + text.utf8.count).contains(found))
  }

  @Test func `records that are not written are refused`() {
    let header = TarHeader(folder: "x", name: "core.seg", isSplit: true, byteCount: 1)
    for (old, new) in [
      ("comment=byte", "comment=Byte"), ("comment", "GNU.spa"), ("planes", "plan\0s"),
    ] {
      let text = String(decoding: header.blocks, as: UTF8.self)
      let bytes = Array(text.replacing(old, with: new).utf8.prefix(header.blocks.count))
      guard case .notCanonical? = error(bytes) else {
        Issue.record("'\(new)' is accepted: \(String(describing: error(bytes)))")
        continue
      }
    }
  }

  @Test func `no byte of headers can be another`() {
    for header in [
      Self.plain, TarHeader(folder: "ß", name: "core.seg", isSplit: true, byteCount: 5),
    ] {
      let blocks = header.blocks
      for index in blocks.indices {
        for mask: UInt8 in [1, 0x80, 0x20] {
          var damaged = blocks
          damaged[index] ^= mask
          // A path or a size that is written so too would need its sum to be changed as well,
          // unless it is in a record.
          let read = try? TarHeader(parsing: damaged)
          #expect(read == nil || read != header, "byte \(index)")
        }
      }
    }
  }

  @Test(arguments: [
    "", ".", "..", ".git", "a/b", "a\0", "\n", "\u{7F}", String(repeating: "x", count: 256),
  ])
  func `a folder cannot have any name`(name: String) {
    #expect(!TarHeader.isFolderName(name))
  }

  @Test func `a folder can have any other name`() {
    for name in ["a", "-", "a b", "Ḣ", "x..", String(repeating: "x", count: 255)] {
      #expect(TarHeader.isFolderName(name))
    }
  }
}
