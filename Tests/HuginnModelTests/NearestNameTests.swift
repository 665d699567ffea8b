import Testing

@testable import HuginnModel

struct NearestNameTests {
  private let candidates = ["transformer.wte.weight", "transformer.ln_f.weight", "abc"]

  @Test(arguments: [
    ("transformer.wte.weight", "transformer.wte.weight"),
    ("transformer.ln.weight", "transformer.ln_f.weight"),
    ("wte.weight", nil), ("abd", "abc"), ("bc", "abc"), ("abcdef", "abc"), ("xyz", "abc"),
    ("wxyz", nil), ("", "abc"), ("transformer.tew.weight", "transformer.wte.weight"),
  ])
  func `the nearest is the one of the fewest edits, up to a third of the name`(
    name: String, nearest: String?
  ) {
    var names = NearestName(candidates: candidates)
    #expect(names.nearest(to: name) == nearest)
  }

  @Test func `the first of two equally near names is taken`() {
    var names = NearestName(candidates: ["aab", "aac"])
    #expect(names.nearest(to: "aaa") == "aab")
  }

  @Test func `a very long name is not compared`() {
    var names = NearestName(candidates: [String(repeating: "a", count: 256)])
    #expect(names.nearest(to: String(repeating: "a", count: 257)) == nil)
    #expect(names.nearest(to: String(repeating: "a", count: 255)) != nil)
  }

  @Test func `the search ends at its limit of work`() {
    var names = NearestName(candidates: [String(repeating: "a", count: 100)])
    let name = String(repeating: "a", count: 99)
    let found = (0..<1000).map { _ in names.nearest(to: name) != nil }
    #expect(found.first == true)
    #expect(found.last == false)
    #expect(found.filter { $0 }.count == (1 << 22) / 9900)
  }

  @Test func `without candidates nothing is near`() {
    var names = NearestName(candidates: [])
    #expect(names.nearest(to: "abc") == nil)
  }
}
