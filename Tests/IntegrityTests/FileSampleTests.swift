import FileAccess
import TestSupport
import Testing

@testable import Integrity

struct FileSampleTests {
  @Test func `windows are spread from the beginning to the end, a small file is taken whole`() {
    #expect(FileSample.ranges(in: 0, 3, 4) == [0..<0])
    #expect(FileSample.ranges(in: 12, 3, 4) == [0..<12])
    #expect(FileSample.ranges(in: 13, 3, 4) == [0..<4, 4..<8, 9..<13])
    #expect(FileSample.ranges(in: 101, 3, 4) == [0..<4, 48..<52, 97..<101])
    let ranges = FileSample.ranges(in: Int.max, 64, 16_384)
    #expect(ranges.count == 64 && ranges[0].lowerBound == 0 && ranges[63].upperBound == Int.max)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
  }

  @Test func `three windows are the beginning, the middle and the end`() {
    for count in [196_609, 196_610, 1_000_001, 5_000_000_000] {
      let starts = FileSample.ranges(in: count, 3, 65_536).map(\.lowerBound)
      #expect(starts == [0, count / 2 - 32_768, count - 65_536])
    }
  }

  @Test func `a sample tells lengths and sampled bytes apart`() throws {
    let directory = try TemporaryDirectory()
    func sample(_ bytes: [UInt8]) throws -> FileSample {
      let file = try InputFile(path: try directory.write("file", bytes))
      return try FileSample(of: file, windows: 2, of: 4)
    }
    let bytes = [UInt8](0..<20)
    let whole = try sample(bytes)
    #expect(whole.byteCount == 20)
    let ends = Array(bytes[..<4] + bytes[16...])
    let digest = Digest(of: ends.span.rawBytes)
    #expect(whole.digest == digest)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(try (sample(changed) == whole) == (4..<16).contains(index), "\(index)")
    }
    #expect(try sample(bytes + [0]) != whole)
  }
}
