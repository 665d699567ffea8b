import FileAccess
import Integrity
import TestSupport
import Testing

struct FileDigestTests {
  /// Two whole buffers of 1 MiB and a part of one, no two ranges of which look alike.
  private static let bytes: [UInt8] = {
    var generator = SeededGenerator(seed: 2)
    return (0..<(2 << 20) / 8 + 100).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { Array($0) }
    }
  }()

  private let directory: TemporaryDirectory
  private let file: InputFile

  init() throws {
    directory = try TemporaryDirectory()
    file = try InputFile(path: directory.write("file", Self.bytes))
  }

  @Test(
    arguments: [
      [], [0..<0], [0..<10], [5..<5, 100..<164, 7..<7], [100..<200, 0..<100], [0..<50, 25..<75],
      [0..<1 << 20], [3..<(2 << 20) + 5], [0..<1, 0..<(2 << 20) + 800],
    ] as [[Range<Int>]])
  func `ranges are hashed as one sequence of bytes, in the order given`(
    ranges: [Range<Int>]
  ) throws {
    let sequence = ranges.flatMap { Array(Self.bytes[$0]) }
    let digest = try Digest(of: file, ranges: ranges)
    #expect(digest == Digest(of: sequence.span.rawBytes))
  }

  @Test func `progress is reported in runs of at most 1 MiB, which add up`() throws {
    var runs: [Int] = []
    let digest = try Digest(of: file, ranges: [0..<100, 0..<file.byteCount, 9..<9]) {
      runs.append($0)
      return true
    }
    #expect(digest != nil)
    #expect(runs == [100, 1 << 20, 1 << 20, 800])
  }

  @Test func `it stops on request, without a digest`() throws {
    var calls = 0
    let digest = try Digest(of: file, ranges: [0..<10, 10..<20, 20..<30]) { _ in
      calls += 1
      return calls < 2
    }
    #expect(digest == nil)
    #expect(calls == 2)
  }

  @Test func `a range beyond the file's end is an error with what was there`() throws {
    let end = file.byteCount
    #expect(
      throws: FileError.ended(path: file.path, byteOffset: end - 6, needed: 10, available: 6)
    ) { try Digest(of: file, ranges: [0..<4, end - 6..<end + 4]) }
  }
}
