import Checkpoint
import Conversion
import FileAccess
import Foundation
import PackFormat
import Parallelism
import Safetensors
import TestSupport
import Testing

/// Every byte and every length, where other suites take samples; `make test-exhaustive` runs it.
@Suite(
  .enabled(if: ProcessInfo.processInfo.environment["MUNINN_EXHAUSTIVE"] != nil),
  .serialized)
struct ExhaustiveTests {
  @Test func `a flip of any byte of a pack is found`() throws {
    let reference = Fixtures.path("expected/huginn-nano-int8.muninn")
    // Two halves on two threads, each with a pack of its own.
    let names = try directoryContents(reference)
    try Workers().run(2) { half throws(ExhaustiveFailure) in
      do {
        let directory = try TemporaryDirectory()
        let pack = try directory.copy(reference, as: "pack")
        let manifest = try Pack.readManifest(ofPack: pack)
        for name in names {
          let count = try FileStatus(ofPath: "\(pack)/\(name)").byteCount
          for offset in stride(from: half, to: count, by: 2) {
            let faults = try Flip.faults(
              ofPack: pack, flipping: name, at: offset, by: 0x10,
              manifest: name == PackConstants.manifestName ? nil : manifest)
            guard !faults.isEmpty else { throw ExhaustiveFailure(name: name, offset: offset) }
          }
        }
      } catch let failure as ExhaustiveFailure {
        throw failure
      } catch {
        throw ExhaustiveFailure(name: "\(error)", offset: 0)
      }
    }
  }

  @Test func `a pack cut at any length of its manifest and headers is refused`() throws {
    let directory = try TemporaryDirectory()
    let pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack")
    for name in ["manifest.json"] + PackFileNames.segments {
      let bytes = try InputFile.contents(of: "\(pack)/\(name)", limit: 1 << 20)
      let lengths = name == "manifest.json" ? bytes.count : SegmentHeader.byteCount
      for count in 0..<lengths {
        try directory.write("pack/\(name)", Array(bytes.prefix(count)))
        let faults = try PackVerification(path: pack).faults
        #expect(!faults.isEmpty, "\(name) cut to \(count) bytes")
      }
      try directory.write("pack/\(name)", bytes)
    }
    #expect(try PackVerification(path: pack).faults.isEmpty)
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

/// A flip that was not found.
private struct ExhaustiveFailure: Error {
  let name: String
  let offset: Int
}
