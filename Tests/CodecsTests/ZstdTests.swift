import Codecs
import FileAccess
import TestSupport
import Testing

struct ZstdTests {
  /// `zstd -1 FILE` of 20 bytes.
  private static let stock: [UInt8] = [
    40, 181, 47, 253, 36, 20, 161, 0, 0, 109, 117, 110, 105, 110, 110, 32, 109, 117, 110, 105, 110,
    110, 32, 109, 117, 110, 105, 110, 110, 123, 96, 141, 110,
  ]

  private func frame(
    of content: [UInt8], _ effort: ZstdCompressor.Effort = .level(1),
    _ compressor: ZstdCompressor = ZstdCompressor()
  ) -> [UInt8] {
    var frame = [UInt8](
      repeating: 0, count: ZstdFrame.byteLimit(contentByteCount: content.count))
    var output = frame.mutableSpan
    let count = compressor.compress(content.span.rawBytes, effort, into: &output)
    return Array(frame.prefix(count))
  }

  private func content(
    of frame: [UInt8], count: Int, _ decompressor: ZstdDecompressor = ZstdDecompressor()
  ) throws(ZstdError) -> [UInt8] {
    var content = [UInt8](repeating: 0xAA, count: count)
    var output = content.mutableSpan
    try decompressor.decompress(frame.span.rawBytes, into: &output)
    return content
  }

  private func error(_ frame: [UInt8], count: Int) -> ZstdError? {
    do throws(ZstdError) {
      _ = try content(of: frame, count: count)
      return nil
    } catch {
      return error
    }
  }

  /// Bytes of which some are much more frequent than others.
  private func noise(_ count: Int) -> [UInt8] {
    var random = SeededGenerator(seed: UInt64(count))
    return (0..<count).map { _ in
      UInt8.random(in: 0...15, using: &random) & UInt8.random(in: 0...255, using: &random)
    }
  }

  @Test(arguments: [0, 1, 255, 256, 257, 65_791, 65_792, 65_793, 1 << 17, 1 << 20])
  func `a frame holds what was compressed, and begins as it must`(count: Int) throws {
    let (compressor, decompressor) = (ZstdCompressor(), ZstdDecompressor())
    let bytes = noise(count)
    for effort in [ZstdCompressor.Effort.level(1), .entropy, .level(19), .level(3), .entropy] {
      let frame = frame(of: bytes, effort, compressor)
      #expect(frame.starts(with: ZstdFrame.header(contentByteCount: count)))
      #expect(try content(of: frame, count: count, decompressor) == bytes)
      // Contexts that are used again leave no trace.
      #expect(self.frame(of: bytes, effort) == frame)
    }
  }

  @Test func `what zstd's own program compressed is read, and written alike`() throws {
    let bytes = Array("muninn muninn muninn".utf8)
    #expect(try content(of: Self.stock, count: bytes.count) == bytes)
    #expect(frame(of: bytes) == Self.stock)
  }

  @Test func `entropy alone makes noise smaller, as far as it can be`() {
    let bytes = noise(1 << 18)
    let entropy = frame(of: bytes, .entropy).count
    #expect(entropy <= frame(of: bytes, .level(1)).count)
    #expect(entropy < bytes.count / 2)
  }

  @Test func `a frame of another length of content is refused`() {
    #expect(error(Self.stock, count: 21) == .header(contentByteCount: 21))
    #expect(error([], count: 0) == .header(contentByteCount: 0))
    #expect(error(Array(Self.stock.prefix(6)), count: 20) == .header(contentByteCount: 20))
    // A frame that promises less than its blocks hold.
    var frame = Self.stock
    frame[5] = 19
    guard case .malformed? = error(frame, count: 19) else {
      Issue.record("a frame of too much content is accepted")
      return
    }
  }

  @Test func `bytes after a frame are refused, another frame too`() {
    #expect(
      error(Self.stock + [0], count: 20)
        == .trailing(frame: Self.stock.count, available: Self.stock.count + 1))
    #expect(
      error(Self.stock + frame(of: []), count: 20)
        == .trailing(frame: Self.stock.count, available: Self.stock.count + 13))
  }

  @Test func `a frame that is damaged or cut anywhere is refused`() {
    for index in Self.stock.indices {
      var damaged = Self.stock
      damaged[index] ^= 0x41
      #expect(error(damaged, count: 20) != nil, "byte \(index)")
      #expect(error(Array(Self.stock.prefix(index)), count: 20) != nil, "\(index) bytes")
    }
    var damaged = Self.stock
    damaged[10] ^= 1
    #expect(
      error(damaged, count: 20)?.description
        == "zstd cannot decompress it: Restored data doesn't match checksum")
  }
}
