import FileAccess
import Integrity
import Testing

struct ChecksumDisagreementTests {
  private func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8).span.rawBytes) }

  private func disagreement(_ list: String) throws -> ChecksumDisagreement? {
    ChecksumDisagreement(
      of: try ChecksumList.parse(list), with: ["a": digest("a"), "b": digest("b")])
  }

  @Test func `a list of some or all files that the files bear out agrees`() throws {
    #expect(try disagreement("") == nil)
    #expect(try disagreement("\(digest("b"))  b\n") == nil)
    #expect(try disagreement("\(digest("b")) *b\n\(digest("a"))  ./a\n") == nil)
  }

  @Test func `the first entry that disagrees is reported with both digests`() throws {
    let list = "\(digest("a"))  a\n\(digest("x"))  b\n\(digest("x"))  c\n"
    let found = try #require(try disagreement(list))
    #expect(found == .digest(name: "b", listed: digest("x"), found: digest("b")))
    #expect(
      found.description
        == "it lists \(digest("x")) for 'b', whose SHA-256 is \(digest("b"))")
  }

  @Test func `an entry for a missing file is reported`() throws {
    let found = try #require(try disagreement("\(digest("c"))  c\n"))
    #expect(found == .noSuchFile(name: "c"))
    #expect(found.description == "it lists 'c', which is not among the files")
  }
}
