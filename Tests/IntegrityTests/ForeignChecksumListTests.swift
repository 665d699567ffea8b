import FileAccess
import Foundation
import Integrity
import TestSupport
import Testing

/// Lists as GNU sha256sum reads them; `Tests/Peers/Vectors/make_checksum_lists.py` asked it.
struct ForeignChecksumListTests {
  /// What the tool said of lists, and the files that it read.
  struct Table: Decodable {
    struct Verdict: Decodable {
      let name: String
      let verdict: String
    }
    struct List: Decodable, Sendable, CustomTestStringConvertible {
      let name: String
      let text: String
      let files: [Verdict]
      let malformed: [Int]
      let isList: Bool
      var testDescription: String { name }
    }
    let files: [String: String]
    let lists: [List]
  }

  static let table: Table? = try? JSONDecoder().decode(
    Table.self, from: Data(try Fixtures.bytes("vectors/checksum_lists.json")))

  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  private func list(_ text: String, ofFile name: String? = nil) throws -> ForeignChecksumList {
    try ForeignChecksumList(Array(text.utf8), ofFile: name)
  }

  /// What a list's entries say, in the form in which they are written.
  private func entries(_ text: String, ofFile name: String? = nil) throws -> [String] {
    try list(text, ofFile: name).entries.map { "\($0.digest)  \($0.name)" }
  }

  // MARK: - As the GNU tool

  @Test(arguments: table?.lists ?? [])
  func `a list gives each file the verdict that sha256sum gives`(expected: Table.List) throws {
    let files = try #require(Self.table?.files)
    let list = try? list(expected.text)
    guard expected.isList else {
      #expect(list?.entries.isEmpty ?? true)
      return
    }
    let found = try #require(list)
    let verdicts = found.entries.map { entry in
      let components = entry.name.split(separator: "/").filter { $0 != "." }
      guard let content = files[components.joined(separator: "/")] else {
        return "\(entry.name): FAILED open or read"
      }
      let digest = Digest(of: Array(content.utf8).span.rawBytes)
      return "\(entry.name): \(digest == entry.digest ? "OK" : "FAILED")"
    }
    #expect(verdicts == expected.files.map { "\($0.name): \($0.verdict)" })
    // To the tool, a digest of another kind is malformed.
    if found.otherDigests.isEmpty {
      #expect(found.malformedLines == expected.malformed)
    } else {
      #expect(Set(found.malformedLines).isSubset(of: expected.malformed))
    }
  }

  @Test func `the table has what the tool writes and what it refuses`() throws {
    let lists = try #require(Self.table?.lists)
    #expect(lists.count == 56)
    let words = Set(lists.flatMap(\.files).map(\.verdict))
    #expect(words == ["OK", "FAILED", "FAILED open or read"])
    #expect(lists.count { !$0.isList } == 5)
    #expect(lists.contains { !$0.malformed.isEmpty })
  }

  // MARK: - Beyond it

  @Test(arguments: ["", " ", "\n", "\r\n", "  -\n", "  model.safetensors\n"])
  func `a digest alone stands for the file that the list is of`(rest: String) throws {
    let name = rest.contains("-") ? "-" : "model.safetensors"
    #expect(
      try entries(Self.abc + rest, ofFile: "model.safetensors") == ["\(Self.abc)  \(name)"])
    if !rest.contains(where: { $0 == "-" || $0 == "m" }) {
      #expect(throws: ChecksumListError.noEntry) { try list(Self.abc + rest) }
    }
  }

  @Test func `OpenSSL 3 calls the digest SHA2-256`() throws {
    #expect(try entries("SHA2-256(a b)= \(Self.abc)\n") == ["\(Self.abc)  a b"])
  }

  @Test(arguments: [
    ("d41d8cd98f00b204e9800998ecf8427e", "MD5"),
    ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "SHA-1"),
    ("d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f", "SHA-224"),
    (String(repeating: "0", count: 96), "SHA-384"),
    (String(repeating: "0", count: 128), "SHA-512"),
  ])
  func `digests of another kind are recognized by their number of digits, or their name`(
    digest: String, kind: String
  ) throws {
    for line in ["\(digest)  a\n", "\(digest) *a b\r\n"] {
      let list = try list(line)
      #expect(list.entries == [])
      #expect(list.malformedLines == [])
      #expect(list.otherDigests == [kind])
    }
    let tagged = try list("BLAKE2b-256 (a) = \(digest)\nMD5(a)= \(digest)\n\(Self.abc)  a\n")
    #expect(tagged.entries.map(\.name) == ["a"])
    #expect(tagged.otherDigests == ["BLAKE2b-256", "MD5"])
  }

  @Test(arguments: [
    "B\(abc.dropFirst())  a", "SHA256 (a) = B\(abc.dropFirst())",
    "SHA256 (a) = \(abc.prefix(63))B", "MD5 (a) = none", "MD5 (a) =", "MD5 (a) 00000000", "(a) = 0",
    "ABCDEFGHIJKLMNOPQRSTU (a) = 00000000", "\(abc)\u{A0}a",
  ])
  func `letters of both cases, and text that only resembles a line, are malformed`(line: String)
    throws
  {
    let list = try list("\(Self.abc)  a\n\(line)\n\(Self.abc)  b\n")
    #expect(list.entries.map(\.name) == ["a", "b"])
    #expect(list.malformedLines == [2])
    #expect(list.otherDigests == [])
  }

  @Test(arguments: [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func `a line with a NUL or that is not UTF-8 is malformed`(bytes: [UInt8]) throws {
    let line = Array("\(Self.abc)  a".utf8) + bytes + Array("b\n\(Self.abc)  c\n".utf8)
    let list = try ForeignChecksumList(line)
    #expect(list.entries.map(\.name) == ["c"])
    #expect(list.malformedLines == [1])
  }

  @Test(arguments: ["", "\n\r\n", "# nothing\n", "<html>\n", "\u{FEFF}\(abc)  a\n"])
  func `a file without a line of a list is not a list`(text: String) {
    #expect(throws: ChecksumListError.noEntry) { try list(text, ofFile: "model.safetensors") }
  }

  @Test func `500 seeded flips of one bit leave out a file, name another, or are reported`() throws
  {
    let names = ["a.json", "model-00001-of-00002.safetensors", "tokenizer.model"]
    let lines = names.map { name in
      (name: name, digest: Digest(of: Array(name.utf8).span.rawBytes))
    }
    let text = Array(ChecksumList.text(lines).utf8)
    let whole = try ForeignChecksumList(text)
    #expect(whole.entries.map(\.name) == names)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      var bytes = text
      let offset = Int.random(in: 0..<bytes.count, using: &random)
      bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(try ForeignChecksumList(bytes).entries != whole.entries, "byte \(offset)")
    }
  }
}
