import FileAccess
import TestSupport
import Testing

struct ByteBufferTests {
  @Test func `it has the length that it was given, and keeps its memory for a shorter one`() {
    var buffer = ByteBuffer()
    #expect(buffer.count == 0)
    #expect(buffer.bytes.byteCount == 0)
    for count in [5000, 3, 0, 5000, 9000] {
      buffer.resize(to: count)
      #expect(buffer.count == count)
      #expect(buffer.bytes.byteCount == count)
    }
  }

  @Test func `what is written through it is read from it, from a page on`() throws {
    var buffer = ByteBuffer()
    for count in [1, 100_000, 4096] {
      buffer.resize(to: count)
      var span = buffer.mutableSpan
      #expect(span.count == count)
      for index in span.indices { span[index] = UInt8(truncatingIfNeeded: index &* 7) }
      var copy: [UInt8] = []
      buffer.bytes.append(to: &copy)
      #expect(copy == (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) })
      // A view of eight-byte words would be refused at an address that is aligned to less.
      if count >= 8 { _ = try buffer.bytes.view(of: UInt64.self, at: 0, count: 1) }
    }
  }

  @Test func `bytes are copied and words put where they belong`() {
    var buffer = ByteBuffer()
    buffer.resize(to: 9)
    let source: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    var span = buffer.mutableSpan
    span.copy(source.span.rawBytes)
    span.put(0x0A0B_0C0D, at: 3)
    var copy: [UInt8] = []
    buffer.bytes.append(to: &copy)
    #expect(copy == [1, 2, 3, 0x0D, 0x0C, 0x0B, 0x0A, 8, 9])
  }

  @Test func `equal bytes are distinguished from others, at any length`() {
    for count in [0, 1, 7, 64, 1000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      #expect(areEqual(bytes, bytes))
      #expect(!areEqual(bytes, bytes + [0]))
      guard count > 0 else { continue }
      var other = bytes
      other[count - 1] ^= 1
      #expect(!areEqual(bytes, other))
    }
  }

  private func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.span.rawBytes.isEqual(to: right.span.rawBytes)
  }

  @Test func `a range that is given back to the system can be read again`() throws {
    let directory = try TemporaryDirectory()
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 3) }
    let file = try InputFile(path: try directory.write("file", bytes))
    #expect(try file.read(at: 0, count: bytes.count) == bytes)
    file.releaseCache(of: 0..<bytes.count)
    file.releaseCache(of: 5..<5)
    #expect(try file.read(at: 0, count: bytes.count) == bytes)
    #expect(physicalMemory() > 1 << 28)
  }
}
