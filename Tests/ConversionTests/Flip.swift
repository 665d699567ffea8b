import Foundation
import PackFormat
import Parallelism
import Testing

/// One byte of a file changed for as long as a verification takes.
enum Flip {
  /// The faults that verification finds with one byte changed.
  static func faults(
    ofPack path: String, flipping name: String, at offset: Int, by mask: UInt8
  ) throws -> [PackFault] {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: "\(path)/\(name)"))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(offset))
    let original = try #require(try file.read(upToCount: 1)?.first)
    func put(_ byte: UInt8) throws {
      try file.seek(toOffset: UInt64(offset))
      try file.write(contentsOf: Data([byte]))
    }
    try put(original ^ mask)
    defer { try? put(original) }
    return try PackVerification(path: path, workers: Workers(count: 1)).faults
  }
}
