import FileAccess
import Integrity
import Testing

struct ChecksumListTests {
  private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  /// What a list says, in the form in which it is written.
  private func parsed(_ text: String) throws -> [String] {
    try ChecksumList.parse(text).map { "\($0.digest)  \($0.name)" }
  }

  @Test func `each file has a line as sha256sum writes it, in the order given`() {
    let files = ["b.seg": "", "a.json": "abc"].sorted { $0.key > $1.key }.map {
      (name: $0.key, digest: Digest(of: Array($0.value.utf8).span.rawBytes))
    }
    #expect(
      ChecksumList.text(files) == """
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.seg
        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.json

        """)
    #expect(ChecksumList.text([]) == "")
    #expect(ChecksumList.fileName == "SHA256SUMS")
  }

  @Test func `a list that was written is read back`() throws {
    let text = "\(Self.empty)  b.seg\n\(Self.abc)  a.json\n"
    let entries = try ChecksumList.parse(text)
    #expect(ChecksumList.text(entries.map { ($0.name, $0.digest) }) == text)
    #expect(try ChecksumList.parse("").isEmpty)
  }

  @Test(arguments: [
    "\(abc)  a b.json", "\(abc)  a b.json\n", "\(abc)  a b.json\r\n", "\n\n\(abc)  a b.json\n\n",
    "\(abc) *a b.json", "\(abc.uppercased())  a b.json",
  ])
  func `text and binary mode, either case of digits, line ends and empty lines are read`(
    text: String
  ) throws {
    #expect(try parsed(text) == ["\(Self.abc)  a b.json"])
  }

  @Test func `a name begins after two characters, whatever it begins with`() throws {
    #expect(try parsed("\(Self.abc)   a") == ["\(Self.abc)   a"])
    #expect(try parsed("\(Self.abc)  *a") == ["\(Self.abc)  *a"])
    #expect(try parsed("\(Self.abc)  ../a") == ["\(Self.abc)  ../a"])
  }

  @Test func `only a line feed ends a line`() throws {
    #expect(
      try ChecksumList.parse("\(Self.abc)  a\u{0B}\(Self.empty)  b\n").map(\.name)
        == ["a\u{0B}\(Self.empty)  b"])
  }

  @Test(arguments: [
    "\(abc.dropLast())  a", "\(abc)", "\(abc)a", "\(abc) a", "\(abc)\ta", "\(abc)  ",
    "\(abc) *", "SHA256 (a) = \(abc)", "g\(abc.dropFirst())  a", " \(abc)  a",
    "\\\(abc)  a\\nb", "<!DOCTYPE html>", "B\(abc.dropFirst())  a", "İ\(abc.dropFirst())  a",
  ])
  func `any other line is refused by its number`(line: String) {
    #expect(throws: ChecksumListError.line(number: 3)) {
      try ChecksumList.parse("\(Self.empty)  first\n\n\(line)\n\(Self.empty)  last\n")
    }
  }

  @Test func `a refusal says what a line is`() {
    #expect(
      ChecksumListError.line(number: 3).description
        == "line 3 is not 64 hexadecimal digits, two spaces and a file name")
    #expect(
      ChecksumListError.noEntry.description == "it has no line with a digest and a file name")
  }
}
