import FileAccess
import Integrity
import TestSupport
import Testing

struct HashingTests {
  // MARK: - SHA-256

  @Test(
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ] as [(String, String)])
  func `the examples of FIPS 180 have their digests`(message: String, digest: String) {
    #expect(Digest(of: Array(message.utf8).span.rawBytes).description == digest)
  }

  @Test(arguments: [1, 3, 63, 64, 65, 1000])
  func `the pieces in which bytes come make no difference`(pieceCount: Int) {
    var generator = SeededGenerator(seed: 256)
    let bytes = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var hasher = SHA256Hasher()
    hasher.update([UInt8]().span.rawBytes)
    for start in stride(from: 0, to: bytes.count, by: pieceCount) {
      let piece = Array(bytes[start..<min(start + pieceCount, bytes.count)])
      hasher.update(piece.span.rawBytes)
    }
    #expect(hasher.finalized() == Digest(of: bytes.span.rawBytes))
  }

  @Test func `a hasher continues after it has given its digest`() {
    var hasher = SHA256Hasher()
    hasher.update(Array("ab".utf8).span.rawBytes)
    #expect(hasher.finalized() == Digest(of: Array("ab".utf8).span.rawBytes))
    let copy = hasher
    hasher.update(Array("c".utf8).span.rawBytes)
    #expect(hasher.finalized() == Digest(hexadecimal: DigestTests.abc))
    #expect(copy.finalized() == Digest(of: Array("ab".utf8).span.rawBytes))
  }

  @Test func `elements wider than a byte are hashed as they lie in memory`() {
    let words: [UInt32] = [0x6463_6261, 0x6867_6665]
    let digest = Digest(of: words.span.rawBytes)
    #expect(digest == Digest(of: Array("abcdefgh".utf8).span.rawBytes))
  }

  // MARK: - CRC-32

  @Test(
    arguments: [
      ("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43), ("\0", 0xD202_EF8D),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)])
  func `known texts have the check values of zlib's CRC`(text: String, expected: UInt32) {
    #expect(crc32(of: Array(text.utf8).span.rawBytes) == expected)
  }

  @Test func `a flip of any bit of a header's fields shows`() {
    let bytes = (0..<72).map { UInt8($0) }
    let checksum = crc32(of: bytes.span.rawBytes)
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(crc32(of: damaged.span.rawBytes) != checksum, "bit \(bit)")
    }
  }
}
