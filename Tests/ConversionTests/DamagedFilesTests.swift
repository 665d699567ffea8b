import Checkpoint
import Conversion
import FileAccess
import Foundation
import PackFormat
import TestSupport
import Testing

/// Files of a pack that are longer, of another pack, or no files.
@Suite(.timeLimit(.minutes(10)))
struct DamagedFilesTests {
  @Test(arguments: [[UInt8(0)], [UInt8](repeating: 0, count: 16384), Array("\n".utf8)])
  func `bytes after the end of any file are found`(suffix: [UInt8]) throws {
    let pack = try SmallestPack()
    for name in pack.names {
      let path = "\(pack.path)/\(name)"
      let bytes = try InputFile.contents(of: path, limit: 1 << 20)
      try Data(bytes + suffix).write(to: URL(fileURLWithPath: path))
      #expect(try pack.faults().count == 1, "\(name)")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    #expect(try pack.faults().isEmpty)
  }

  @Test func `a segment of another pack of the same layout is found`() throws {
    let (pack, other) = (try SmallestPack(), try SmallestPack(seed: 2))
    #expect(pack.manifest.layout == other.manifest.layout)
    for name in PackFileNames.segments {
      let path = "\(pack.path)/\(name)"
      let bytes = try InputFile.contents(of: path, limit: 1 << 20)
      let foreign = try InputFile.contents(of: "\(other.path)/\(name)", limit: 1 << 20)
      try Data(foreign).write(to: URL(fileURLWithPath: path))
      let faults = try pack.faults()
      guard case .header(_, .field(let field, _, _))? = faults.first else {
        Issue.record("\(name): \(faults)")
        continue
      }
      #expect(field.name == "pack identity")
      #expect(throws: PackError.self) { _ = try Pack(path: pack.path) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  }

  @Test func `two segments of one pack in each other's place are found`() throws {
    let pack = try SmallestPack()
    let paths = ["core.seg", "coda.seg"].map { "\(pack.path)/\($0)" }
    let bytes = try paths.map { try InputFile.contents(of: $0, limit: 1 << 20) }
    #expect(bytes[0].count == bytes[1].count)
    for (path, bytes) in zip(paths, bytes.reversed()) {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    let headers = try pack.faults().filter { if case .header = $0 { true } else { false } }
    #expect(headers.count == 2)
    #expect(throws: PackError.self) { _ = try Pack(path: pack.path) }
  }

  @Test(arguments: OtherKind.allCases)
  func `something other than a file in place of any file of a pack is found`(kind: OtherKind) throws
  {
    let pack = try SmallestPack()
    for name in pack.names {
      let path = "\(pack.path)/\(name)"
      let bytes = try InputFile.contents(of: path, limit: 1 << 20)
      try kind.put(at: path)
      let faults = try PackVerification(path: pack.path).faults
      #expect(faults.count == 1, "\(name)")
      #expect(faults.first?.description.contains(name) == true, "\(faults)")
      try FileManager.default.removeItem(atPath: path)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    #expect(try pack.faults().isEmpty)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file that may not be read is the system's error`() throws {
    let pack = try SmallestPack()
    for name in pack.names {
      let path = "\(pack.path)/\(name)"
      chmod(path, 0)
      let error = #expect(throws: ReadingError.self) { _ = try pack.faults() }
      #expect(error?.description == "cannot open '\(path)': Permission denied")
      chmod(path, 0o644)
    }
  }
}
