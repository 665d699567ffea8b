import FileAccess
import Foundation
import PackFormat
import Parallelism
import TestSupport
import Testing

@testable import Archive

/// An archive with any byte changed, or cut anywhere, restores nothing; `make test-exhaustive` flips
/// every bit, `make test` a bit of every eighth byte, and of every byte of the table.
struct ExhaustiveArchiveTests {
  private static let isExhaustive =
    ProcessInfo.processInfo.environment["MUNINN_EXHAUSTIVE"] != nil

  /// Whether restoring what lies at a path is refused, and leaves nothing.
  private static func isRefused(_ path: String, in directory: TemporaryDirectory) -> Bool {
    do throws(ArchiveError) {
      _ = try ArchiveReader(path: path).restore(
        to: directory("restored"), workers: Workers(count: 1))
      return false
    } catch {
      return !directory.names.contains { $0.hasPrefix("restored") }
    }
  }

  @Test(arguments: [false, true])
  func `a flip of any byte restores nothing`(splitting: Bool) throws {
    let pack = try SmallPack(try #require(SmallPack.recipes["mixed"]))
    let archive = try pack.archive(splitting: splitting)
    let bytes = try InputFile.contents(of: archive, limit: 1 << 20)
    // On two threads, each with a copy of its own.
    let step = Self.isExhaustive ? 1 : 8
    let masks: [UInt8] = Self.isExhaustive ? (0..<8).map { 1 << $0 } : []
    let unnoticed = Workers(count: 2).map(2) { half -> [Int] in
      do {
        let directory = try TemporaryDirectory()
        let path = try directory.write("archive", bytes)
        var random = SeededGenerator(seed: UInt64(half))
        let offsets = bytes.indices.filter {
          $0 % 2 == half && ($0 / 2 % step == 0 || $0 > bytes.count - 500)
        }
        return try offsets.filter { offset in
          let mask = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
          return try (masks.isEmpty ? [mask] : masks).contains { mask in
            try !Flip.during(path, at: offset, by: mask) { Self.isRefused(path, in: directory) }
          }
        }
      } catch {
        return [-1]
      }
    }
    #expect(unnoticed == [[], []])
    #expect(!Self.isRefused(archive, in: pack.directory))
  }

  @Test func `an archive that is cut at any length restores nothing`() throws {
    let pack = try SmallPack()
    let archive = try pack.archive()
    let count = try InputFile(path: archive).byteCount
    for length in (0..<count).reversed() {
      try #require(truncate(archive, off_t(length)) == 0)
      #expect(Self.isRefused(archive, in: pack.directory), "\(length) bytes")
    }
  }

  @Test func `bytes before or after an archive are refused`() throws {
    let pack = try SmallPack()
    let bytes = try InputFile.contents(of: try pack.archive(), limit: 1 << 20)
    for other in [[0] + bytes, bytes + [0], bytes + bytes, RawArchive.frame(of: []) + bytes] {
      let path = try pack.directory.write("other", other)
      #expect(Self.isRefused(path, in: pack.directory))
    }
  }
}
