import PackFormat
import Testing

struct GlobPatternTests {
  @Test(arguments: [
    ("*", "transformer.wte.weight", true),
    ("*", "", true),
    ("", "", true),
    ("", "a", false),
    ("*.mlp.*", "transformer.core_block.0.mlp.fc.weight", true),
    ("*.mlp", "transformer.core_block.0.mlp.fc.weight", false),
    (
      "transformer.core_block.?.attn.proj.weight", "transformer.core_block.3.attn.proj.weight", true
    ),
    (
      "transformer.core_block.?.attn.proj.weight", "transformer.core_block.12.attn.proj.weight",
      false
    ),
    ("?", "é", true),
    ("?", "", false),
    ("a*b*c", "aXbYbZc", true),
    ("a*b*c", "aXbYbZ", false),
    ("*a", "aaa", true),
    ("**a**", "bab", true),
    ("[ab]", "a", false),
    ("A*", "abc", false),
  ])
  func `a pattern matches the whole name, case-sensitively`(
    pattern: String, name: String, matches: Bool
  ) {
    #expect(GlobPattern(pattern).matches(name) == matches)
  }

  @Test func `many stars against a long name take no exponential time`() {
    let pattern = GlobPattern(String(repeating: "*a", count: 100) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 10_000)))
  }
}
