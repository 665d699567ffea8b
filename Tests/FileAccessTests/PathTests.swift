import FileAccess
import Testing

struct PathTests {
  @Test(arguments: [
    ("a", "b", "a/b"), ("a/", "b", "a/b"), ("/", "b", "/b"), (".", "b", "./b"),
    ("/x/y", "z", "/x/y/z"),
  ])
  func `a name is joined with one slash`(directory: String, name: String, path: String) {
    #expect(Path.join(directory, name) == path)
  }

  @Test(arguments: [
    ("a", "a"), ("a/", "a"), ("a///", "a"), ("/", "/"), ("///", "/"), ("", ""), ("a/b/", "a/b"),
  ])
  func `slashes at the end are trimmed, all but the root's`(path: String, trimmed: String) {
    #expect(Path.trimmed(path) == trimmed)
  }

  @Test(arguments: [
    ("a", ".", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("a/b//", "a", "b"),
    ("a//b", "a", "b"), ("/a/b/c", "/a/b", "c"), ("/", "/", "/"), ("", ".", ""),
    ("./a", ".", "a"), ("../a", "..", "a"), ("a\nb/c d", "a\nb", "c d"),
  ])
  func `a path is its parent and its name`(path: String, parent: String, name: String) {
    #expect(Path.parent(of: path) == parent)
    #expect(Path.name(of: path) == name)
  }

  @Test func `a slash before a combining mark is still a slash`() {
    #expect(Path.parent(of: "a/\u{301}b") == "a")
    #expect(Path.name(of: "a/\u{301}b") == "\u{301}b")
    #expect(Path.join("a/", "\u{301}b").unicodeScalars.count == 4)
  }

  @Test(arguments: [
    "a", "Z", "0", "_", "a.b", "a-b", "a..b", "model-00001-of-00004.safetensors",
    "model.safetensors.index.json", "a.", "a-", "__", String(repeating: "a", count: 255),
  ])
  func `a plain name is letters, digits, dot, underscore and hyphen`(name: String) {
    #expect(Path.isPlainName(name))
  }

  @Test(arguments: [
    "", ".", "..", ".a", "-a", "a/b", "/", "/a", "../a", "a b", "a\\b", "a:b", "a\u{0}", "a\n",
    "é", "е", "a\u{301}", "ａ", "~", "a*", "a%2Fb", String(repeating: "a", count: 256),
  ])
  func `a name that leads elsewhere or looks otherwise is not plain`(name: String) {
    #expect(!Path.isPlainName(name))
  }
}
