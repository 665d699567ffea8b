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

  @Test func `two partial names of one target differ`() {
    #expect(PartialName.random(for: "a") != PartialName.random(for: "a"))
  }

  @Test(arguments: [
    "a", "a.partial-", "a.partial-0123456789abcde", "a.partial-0123456789abcdef0",
    "a.partial-0123456789abcdeF", "a.partial-0123456789abcdeg", "b.partial-0123456789abcdef",
    "xa.partial-0123456789abcdef", "a.partial-0123456789abcde１", "a.partial-+123456789abcdef",
    "A.partial-0123456789abcdef", "a.b.partial-0123456789abcdef",
  ])
  func `another name is no partial of the target`(name: String) {
    #expect(!PartialName.matches(name, targetName: "a"))
  }

  @Test func `a name that only looks like the target's is another's`() {
    #expect(PartialName.matches("é.partial-0123456789abcdef", targetName: "é"))
    #expect(!PartialName.matches("e\u{301}.partial-0123456789abcdef", targetName: "\u{E9}"))
  }
}
