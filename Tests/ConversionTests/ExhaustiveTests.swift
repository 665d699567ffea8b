import Checkpoint
import Conversion
import FileAccess
import Foundation
import PackFormat
import Parallelism
import Safetensors
import TestSupport
import Testing

/// Every bit and every length, where other suites take samples; `make test-exhaustive` runs it.
@Suite(
  .enabled(if: ProcessInfo.processInfo.environment["MUNINN_EXHAUSTIVE"] != nil),
  .serialized)
struct ExhaustiveTests {
  @Test func `a flip of any bit of a pack is found`() throws {
    // Two halves on two threads, each with a pack of its own, which is verified whole each time.
    let counts = try Workers().mapThrowing(2) { half in
      let pack = try SmallestPack()
      #expect(try pack.names.reduce(0) { try $0 + pack.byteCount($1) } <= 200_000)
      var count = 0
      for name in pack.names {
        // Elsewhere than in the manifest, the manifest need not be read again.
        let manifest = name == PackConstants.manifestName ? nil : pack.manifest
        for offset in stride(from: half, to: try pack.byteCount(name), by: 2) {
          for bit in 0..<8 {
            let faults = try Flip.faults(
              ofPack: pack.path, flipping: name, at: offset, by: 1 << bit, manifest: manifest)
            guard !faults.isEmpty else { throw Unnoticed(name: name, offset: offset, bit: bit) }
            count += 1
          }
        }
      }
      #expect(try pack.faults().isEmpty)
      return count
    }
    print("\(counts.reduce(0, +)) flips of one bit of a pack, all found")
  }

  @Test func `a pack is refused if any file is cut at any length`() throws {
    let pack = try SmallestPack()
    var count = 0
    for name in pack.names {
      let path = "\(pack.path)/\(name)"
      let bytes = try InputFile.contents(of: path, limit: 1 << 20)
      for length in (0..<bytes.count).reversed() {
        guard truncate(path, length) == 0 else { throw Unnoticed(name: name, offset: length) }
        guard try !pack.faults().isEmpty else { throw Unnoticed(name: name, offset: length) }
        count += 1
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    #expect(try pack.faults().isEmpty)
    print("\(count) cuts of a file of a pack, all found")
  }

  @Test func `any header byte of a good file changed to anything never traps`() throws {
    let directory = try TemporaryDirectory()
    let names = try directoryContents(Fixtures.path("safetensors")).filter { $0.hasPrefix("ok-") }
    for name in names {
      let good = try Fixtures.bytes("safetensors/\(name)")
      let headerEnd = try SafetensorsFile(path: Fixtures.path("safetensors/\(name)")).dataOffset
      for offset in 0..<headerEnd {
        for byte in UInt8.min...UInt8.max where byte != good[offset] {
          var bytes = good
          bytes[offset] = byte
          let path = try directory.write("file.safetensors", bytes)
          // Another valid header is possible; a trap, or an error of another kind, is not.
          do throws(SafetensorsError) {
            _ = try SafetensorsFile(path: path)
          } catch {
            guard case .malformed = error else {
              Issue.record("\(name), byte \(offset) = \(byte): \(error)")
              return
            }
          }
        }
      }
    }
  }
}

/// Damage that was not found.
private struct Unnoticed: Error {
  let name: String
  let offset: Int
  var bit: Int?
}

extension Workers {
  /// The results of `body` for every index below `count`, in order.
  fileprivate func mapThrowing<Value: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    try map(count) { index in Result { try body(index) } }.map { try $0.get() }
  }
}
