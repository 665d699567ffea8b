import PackFormat
import Parallelism
import TestSupport

extension Flip {
  /// The faults that verification finds with one byte changed.
  ///
  /// With the manifest given, it is not read again: for flips elsewhere.
  static func faults(
    ofPack path: String, flipping name: String, at offset: Int, by mask: UInt8,
    manifest: Manifest? = nil
  ) throws -> [PackFault] {
    try during("\(path)/\(name)", at: offset, by: mask) {
      let workers = Workers(count: 1)
      guard let manifest else { return try PackVerification(path: path, workers: workers).faults }
      return try PackVerification(path: path, manifest: manifest, workers: workers).faults
    }
  }
}
