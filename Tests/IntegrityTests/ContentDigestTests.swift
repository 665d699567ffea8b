import FileAccess
import Integrity
import TestSupport
import Testing

/// Names of blobs as `git hash-object` gives them, digests as `sha256sum` does.
struct ContentDigestTests {
  struct Known: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let gitBlob: String
    let sha256: String
  }

  static let known = [
    Known(
      testDescription: "empty", bytes: [], gitBlob: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    Known(
      testDescription: "a line", bytes: Array("hello\n".utf8),
      gitBlob: "ce013625030ba8dba906f756967f9e9ca394464a",
      sha256: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"),
    Known(
      testDescription: "1 MiB and a byte", bytes: [UInt8](repeating: 0, count: 1 << 20 + 1),
      gitBlob: "4d435148d93240e4d05d1e03e5fe5b84fe9a7a47",
      sha256: "2cb74edba754a81d121c9db6833704a8e7d417e5b13d1a19f4a52f007d644264"),
  ]

  @Test(arguments: known)
  func `a file has git's name for it as a blob, and its digest, from one reading`(
    known: Known
  ) throws {
    let directory = try TemporaryDirectory()
    let file = try InputFile(path: try directory.write("file", known.bytes))
    var byteCount = 0
    let found = try ContentDigest.both(of: file) { count in
      byteCount += count
      return true
    }
    #expect(found?.gitBlob == known.gitBlob)
    #expect(found?.sha256.description == known.sha256)
    #expect(byteCount == known.bytes.count)
  }

  @Test func `the receiver of the bytes can stop the work`() throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8](repeating: 1, count: 3 << 20)
    let file = try InputFile(path: try directory.write("file", bytes))
    var runs: [Int] = []
    let found = try ContentDigest.both(of: file) { count in
      runs.append(count)
      return runs.count < 2
    }
    #expect(found == nil)
    #expect(runs == [1 << 20, 1 << 20])
  }

  @Test func `the number of digits tells the kind of a digest`() throws {
    let sha256 = Self.known[0].sha256
    #expect(
      ContentDigest(hexadecimal: sha256) == .sha256(try #require(Digest(hexadecimal: sha256))))
    let gitBlob = Self.known[0].gitBlob
    #expect(ContentDigest(hexadecimal: gitBlob) == .gitBlob(gitBlob))
    for text in [sha256, gitBlob] {
      #expect(ContentDigest(hexadecimal: text)?.description == text)
    }
  }

  @Test(arguments: [
    "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c539", "e69de29bb2d1d6434b8b29ae775ad8c2e48c53911",
    "E69DE29BB2D1D6434B8B29AE775AD8C2E48C5391", "g69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    " 69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "e69de29bb2d1d6434b8b29ae775ad8c2e48c53é",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
    "d41d8cd98f00b204e9800998ecf8427e-2",
  ])
  func `other text is not a digest`(text: String) {
    #expect(ContentDigest(hexadecimal: text) == nil)
  }
}
