import FileAccess
import TestSupport
import Testing

struct OutputKindTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(arguments: [
    ("GGUF", true), ("GGUF and more", true), ("", true), ("GGU", false), ("xGGUF", false),
  ])
  func `a kind is told by how a file begins, or a file is empty`(
    text: String, expected: Bool
  ) throws {
    let kind = OutputKind("GGUF file", prefix: Array("GGUF".utf8))
    let path = try directory.write("file", text)
    #expect(try kind.recognizes(path) == expected)
    if expected {
      try kind.check(path)
    } else {
      #expect(throws: FileError.notReplaced(path: path, expected: "GGUF file")) {
        try kind.check(path)
      }
    }
  }

  @Test func `what cannot be read is of no kind, and that is an error`() {
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try OutputKind.any.check(directory("none"))
    }
  }
}
