import Testing

@testable import FileAccess

struct PartialNameTests {
  @Test func `a partial name is the target's with sixteen digits`() {
    for _ in 0..<100 {
      let name = PartialName.random(for: "dir/a.muninn")
      #expect(name.wholeMatch(of: /dir\/a\.muninn\.partial-[0-9a-f]{16}/) != nil, "\(name)")
      #expect(PartialName.matches(String(name.dropFirst(4)), targetName: "a.muninn"))
    }
  }

  @Test(arguments: ["x", "é", "重", "👍"], [229, 230, 231, 254, 255])
  func `a long name is cut after a whole character, and still is the target's`(
    character: String, byteCount: Int
  ) {
    let count = byteCount / character.utf8.count
    let target =
      String(repeating: "a", count: byteCount - count * character.utf8.count)
      + String(repeating: character, count: count)
    #expect(target.utf8.count == byteCount)
    for (path, name) in [(target, target), ("a/\(target)", target)] {
      let partial = PartialName.random(for: path)
      let last = Path.name(of: partial)
      #expect((252...255).contains(last.utf8.count) || byteCount < 231)
      #expect(last.utf8.count <= 255)
      #expect(PartialName.matches(last, targetName: name))
      #expect(partial.hasPrefix("a/") == (path != name))
      let replaced = PartialName.randomReplaced(for: path)
      #expect(replaced.utf8.count <= 255 + path.utf8.count - name.utf8.count)
      #expect(replaced.wholeMatch(of: /.*\.replaced-[0-9a-f]{16}/) != nil)
      if byteCount < 231 { #expect(partial.hasPrefix(path + ".partial-")) }
    }
    #expect(!PartialName.matches(PartialName.random(for: "b" + target), targetName: target))
  }

  @Test func `two partial names of one target differ`() {
    #expect(PartialName.random(for: "a") != PartialName.random(for: "a"))
  }

  @Test(arguments: [
    "a", "a.partial-", "a.partial-0123456789abcde", "a.partial-0123456789abcdef0",
    "a.partial-0123456789abcdeF", "a.partial-0123456789abcdeg", "b.partial-0123456789abcdef",
    "xa.partial-0123456789abcdef", "a.partial-0123456789abcde１", "a.partial-+123456789abcdef",
    "A.partial-0123456789abcdef", "a.b.partial-0123456789abcdef",
  ])
  func `another name is not a partial of the target`(name: String) {
    #expect(!PartialName.matches(name, targetName: "a"))
  }

  @Test func `a name that only looks like the target's is another's`() {
    #expect(PartialName.matches("é.partial-0123456789abcdef", targetName: "é"))
    #expect(!PartialName.matches("e\u{301}.partial-0123456789abcdef", targetName: "\u{E9}"))
  }
}
