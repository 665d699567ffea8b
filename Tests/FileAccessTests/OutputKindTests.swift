import FileAccess
import TestSupport
import Testing

struct OutputKindTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(arguments: [
    ("GGUF", true), ("GGUF and more", true), ("", true), ("GGU", false), ("xGGUF", false),
  ])
  func `a kind is recognized by how a file begins, or by its being empty`(
    text: String, expected: Bool
  ) throws {
    let kind = OutputKind("a GGUF file", prefix: Array("GGUF".utf8))
    let path = try directory.write("file", text)
    #expect(try kind.recognizes(try InputFile(path: path)) == expected)
    if expected {
      try PartialFile.check(target: path, replacing: true, kind: kind)
    } else {
      #expect(throws: FileError.notReplaced(path: path, found: "is not a GGUF file")) {
        try PartialFile.check(target: path, replacing: true, kind: kind)
      }
    }
  }
}
