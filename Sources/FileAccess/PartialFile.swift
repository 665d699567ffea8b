#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file being written beside its final name, which it gets in one rename.
///
/// Unless it is published it is removed with the value.
public final class PartialFile {
  /// The final name.
  public let target: String
  /// The file to write.
  public let output: OutputFile
  private var isPublished = false

  /// Creates the file beside `target`.
  public init(target: String) throws(FileError) {
    self.target = target
    self.output = try OutputFile(creating: PartialName.random(for: target))
  }

  /// Writes a small file whole, and gives it its name in one step.
  ///
  /// - Throws: ``FileError/exists(path:)`` where the target is there and not to be replaced.
  public static func write(
    _ bytes: [UInt8], to target: String, replacing: Bool
  ) throws(FileError) {
    let file = try PartialFile(target: target)
    try file.output.write(bytes.span.rawBytes, at: 0)
    try file.publish(replacing: replacing)
  }

  deinit {
    if !isPublished { unsafe unlink(output.path) }
  }

  /// Syncs the file and gives it its final name.
  ///
  /// - Throws: ``FileError/exists(path:)`` where the target is there and not to be replaced.
  public func publish(replacing: Bool) throws(FileError) {
    try output.sync()
    if replacing {
      try retrying(.rename, target) { unsafe rename(output.path, target) }
    } else {
      try renameExclusively(output.path, target)
    }
    isPublished = true
    try syncDirectory(Path.parent(of: target))
  }
}
