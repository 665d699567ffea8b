import Foundation
import PackFormat
import Parallelism
import Testing

/// One byte of a file changed for as long as a verification takes.
enum Flip {
  /// The faults that verification finds with one byte changed.
  ///
  /// With the manifest given, it is not read again: for flips elsewhere.
  static func faults(
    ofPack path: String, flipping name: String, at offset: Int, by mask: UInt8,
    manifest: Manifest? = nil
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
    let workers = Workers(count: 1)
    guard let manifest else { return try PackVerification(path: path, workers: workers).faults }
    return try PackVerification(path: path, manifest: manifest, workers: workers).faults
  }
}
