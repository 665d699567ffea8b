import Checkpoint
import FileAccess
import Foundation
import Integrity
import Parallelism
import TestSupport
import Testing

/// Every bit and every length, where other suites take samples; `make test-exhaustive` runs it.
@Suite(
  .enabled(if: ProcessInfo.processInfo.environment["MUNINN_EXHAUSTIVE"] != nil),
  .serialized)
struct ExhaustiveCheckpointTests {
  @Test func `a flip of any bit of a checkpoint with checksums is found`() throws {
    // Two halves on two threads, each with a checkpoint of its own.
    let counts = Workers().map(2) { half in
      Result {
        let checkpoint = try ChecksummedCheckpoint()
        var count = 0
        for name in checkpoint.names {
          let path = checkpoint.directory(name)
          for offset in stride(from: half, to: try FileStatus(ofPath: path).byteCount, by: 2) {
            for bit in 0..<8 {
              let isProven = try Flip.during(path, at: offset, by: 1 << bit) {
                try checkpoint.isProven()
              }
              try #require(!isProven, "bit \(bit) of byte \(offset) of \(name)")
              count += 1
            }
          }
        }
        return count
      }
    }
    let count = try counts.reduce(0) { try $0 + $1.get() }
    print("\(count) flips of one bit of a checkpoint, all found")
  }

  @Test func `a checkpoint is refused if any file is cut at any length`() throws {
    let checkpoint = try ChecksummedCheckpoint()
    var count = 0
    for name in checkpoint.names {
      let path = checkpoint.directory(name)
      let bytes = try checkpoint.directory.bytes(name)
      for length in (0..<bytes.count).reversed() {
        try #require(truncate(path, length) == 0)
        // Without the last line feed, a list of checksums says what it said.
        if name == ChecksumList.fileName && length == bytes.count - 1 { continue }
        try #require(try !checkpoint.isProven(), "\(name) at \(length)")
        count += 1
      }
      try checkpoint.directory.write(name, bytes)
    }
    #expect(try checkpoint.isProven())
    print("\(count) cuts of a file of a checkpoint, all found")
  }
}
