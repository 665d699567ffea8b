import FileAccess
import Integrity
import Testing

struct DigestTests {
  static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `64 lower-case hexadecimal digits are a digest and print again`() throws {
    let digest = try #require(Digest(hexadecimal: Self.abc))
    #expect(digest.bytes.count == 32)
    #expect(digest.bytes.prefix(3) == [0xBA, 0x78, 0x16])
    #expect(digest.bytes.last == 0xAD)
    #expect(digest.description == Self.abc)
    #expect(digest == Digest(of: Array("abc".utf8).span.rawBytes))
  }

  @Test func `bytes below 16 print with their leading zero`() throws {
    let text = "000102030405060708090a0b0c0d0e0f" + String(repeating: "f0", count: 16)
    let digest = try #require(Digest(hexadecimal: text))
    #expect(digest.bytes == Array(0..<16) + Array(repeating: 0xF0, count: 16))
    #expect(digest.description == text)
  }

  @Test(
    arguments: [
      (0, ""), (63, ""), (64, "0"), (64, " "), (64, "\n"), (62, "AD"), (63, "g"), (63, "/"),
      (63, ":"),
      (63, "`"), (63, "\0"), (62, "é"), (61, "１"), (62, "0x"),
    ] as [(Int, String)])
  func `anything else is not a digest`(kept: Int, end: String) {
    #expect(Digest(hexadecimal: Self.abc.prefix(kept) + end) == nil)
  }

  @Test func `an invalid digit is refused at every position`() {
    for position in 0..<64 {
      var digits = Array(Self.abc.utf8)
      digits[position] = UInt8(ascii: "F")
      #expect(Digest(hexadecimal: String(decoding: digits, as: UTF8.self)) == nil)
    }
  }
}
