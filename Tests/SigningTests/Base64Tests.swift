import TestSupport
import Testing

@testable import Signing

struct Base64Tests {
  /// The vectors of RFC 4648 §10, and all digits.
  static let vectors: [(bytes: [UInt8], text: String)] = [
    ([], ""), (Array("f".utf8), "Zg=="), (Array("fo".utf8), "Zm8="), (Array("foo".utf8), "Zm9v"),
    (Array("foob".utf8), "Zm9vYg=="), (Array("fooba".utf8), "Zm9vYmE="),
    (Array("foobar".utf8), "Zm9vYmFy"), ([0xFB, 0xEF, 0xFF], "++//"),
  ]

  @Test(arguments: vectors)
  func `the vectors of the standard are written and read`(bytes: [UInt8], text: String) {
    #expect(Base64.encode(bytes) == text)
    #expect(Base64.decode(text) == bytes)
  }

  @Test func `what is written is read, at every length`() {
    var generator = SeededGenerator(seed: 1)
    for count in 0..<100 {
      let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
  }

  @Test func `the alphabet for URLs is read`() {
    #expect(Base64.decode("--__") == [0xFB, 0xEF, 0xFF])
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zm9", "Zg===", "====", "=", "Zm=v", "Z===", "Zm9v\n", " Zm9", "Zm9.", "Zm9ß",
    // The bits that are left over are not zero.
    "Zh==", "Zm9=",
  ])
  func `anything else is refused`(text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
