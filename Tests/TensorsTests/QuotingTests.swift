import Tensors
import Testing

struct QuotingTests {
  @Test(arguments: ["", "transformer.wte.weight", "a b", "größe", "重み", "👍🏽"])
  func `a harmless name appears in quotes unchanged`(name: String) {
    #expect(name.quoted == "'\(name)'")
  }

  @Test(
    arguments: [
      ("a\nb", #"'a\u{a}b'"#), ("\r\n", #"'\u{d}\u{a}'"#), ("a\0", #"'a\u{0}'"#),
      ("\u{1B}[2J", #"'\u{1b}[2J'"#), ("\u{7F}", #"'\u{7f}'"#), ("\u{9B}31m", #"'\u{9b}31m'"#),
    ] as [(String, String)])
  func `control characters are escaped and cannot drive the terminal`(name: String, text: String) {
    #expect(name.quoted == text)
  }

  @Test(
    arguments: [
      ("a\u{2028}b", #"'a\u{2028}b'"#), ("a\u{2029}b", #"'a\u{2029}b'"#),
      ("\u{202E}thgiew", #"'\u{202e}thgiew'"#), ("\u{2066}x\u{2069}", #"'\u{2066}x\u{2069}'"#),
      ("w\u{200B}", #"'w\u{200b}'"#), ("\u{FEFF}w", #"'\u{feff}w'"#),
    ] as [(String, String)])
  func `characters that break, reorder or hide text are escaped`(name: String, text: String) {
    #expect(name.quoted == text)
  }

  @Test func `a name of 200 scalars is whole and a longer one is cut there`() {
    let longest = String(repeating: "x", count: 200)
    #expect(longest.quoted == "'\(longest)'")
    #expect((longest + "y").quoted == "'\(longest)…'")
    #expect((longest + String(repeating: "y", count: 100_000)).quoted == "'\(longest)…'")
  }

  @Test func `marks that pile up on one character count as scalars and are cut too`() {
    let pile = "e" + String(repeating: "\u{301}", count: 1000)
    #expect(pile.count == 1)
    #expect(pile.quoted.unicodeScalars.count == 203)
  }

  @Test(
    arguments: [
      ([], "''"), (Array("größe".utf8), "'größe'"), ([0x63, 0xE9], #"'c\xE9'"#),
      ([0xE2, 0x82], #"'\xE2\x82'"#), ([0xFF, 0x0A, 0x41, 0x80], #"'\xFF\u{a}A\x80'"#),
      ([0xED, 0xA0, 0x80], #"'\xED\xA0\x80'"#),
    ] as [([UInt8], String)])
  func `bytes that are not UTF-8 appear in hexadecimal`(bytes: [UInt8], text: String) {
    #expect(bytes.quoted == text)
  }

  @Test func `bytes are cut where text is cut`() {
    let longest = String(repeating: "x", count: 200)
    #expect(Array(longest.utf8).printable == longest)
    #expect((Array(longest.utf8) + [0xFF]).printable == longest + "…")
  }

  @Test func `printable text is the same without the quotes`() {
    #expect("a\u{1B}b".printable == #"a\u{1b}b"#)
    let longest = String(repeating: "x", count: 200)
    #expect(longest.printable == longest)
    #expect((longest + "yz").printable == longest + "…")
  }
}
