#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file being written beside its final name, which it gets in one rename.
///
/// It holds a lock while it lives. Unless it is published it is removed with the value; after a
/// crash, the next run for the same target removes what it can lock.
public final class PartialFile {
  /// The final name.
  public let target: String
  /// The file to write.
  public let output: OutputFile
  private let replacing: Bool
  private let kind: OutputKind
  private let lock: PartialLock
  private var isPublished = false

  /// Creates the file beside `target`, after removing what crashed runs left for it.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - replacing: whether a file that is there is replaced.
  ///   - kind: what it must be then.
  /// - Throws: ``FileError``, as ``check(target:replacing:kind:)``.
  public init(target: String, replacing: Bool, kind: OutputKind = .any) throws(FileError) {
    try Self.check(target: target, replacing: replacing, kind: kind)
    try PartialLock.forEachAbandoned(of: target, kind: .regular) { path in
      _ = try? removeFile(path)
    }
    while true {
      let output = try OutputFile(creating: PartialName.random(for: target))
      do throws(FileError) {
        // Between creation and lock, another run may take this for abandoned and remove it.
        if let lock = try PartialLock(path: output.path, kind: .regular) {
          self.target = target
          self.replacing = replacing
          self.kind = kind
          self.output = output
          self.lock = lock
          return
        }
      } catch {
        _ = try? removeFile(output.path)
        throw error
      }
    }
  }

  /// Writes a small file whole, and gives it its name in one step.
  ///
  /// - Throws: as ``publish()``, and where it cannot be written.
  public static func write(
    _ bytes: [UInt8], to target: String, replacing: Bool, kind: OutputKind = .any
  ) throws(FileError) {
    let file = try PartialFile(target: target, replacing: replacing, kind: kind)
    try file.output.write(bytes.span.rawBytes, at: 0)
    try file.publish()
  }

  /// Checks that a path has nothing or, to replace it, a regular file of the kind or a link to one,
  /// which itself is replaced.
  ///
  /// A rename would put the new file in the place of a device such as `/dev/null` just as well.
  ///
  /// - Throws: ``FileError/exists(path:)``, ``FileError/notARegularFile(path:found:)`` or
  ///   ``FileError/notReplaced(path:expected:)``, and ``FileError/noName(path:)`` for no such path.
  public static func check(
    target: String, replacing: Bool, kind: OutputKind = .any
  ) throws(FileError) {
    try Path.checkName(of: target)
    guard let status = try FileStatus.ifPresent(ofLink: target) else { return }
    guard replacing else { throw .exists(path: target) }
    guard
      status.kind == .regular
        || (status.kind == .link && (try? FileStatus(ofPath: target))?.kind == .regular)
    else { throw .notARegularFile(path: target, found: status.kind.rawValue) }
    try kind.check(target)
  }

  deinit {
    // Nobody is left to tell of a failure; the next run tries again.
    if !isPublished { _ = try? removeFile(output.path) }
  }

  /// Syncs the file and gives it its final name.
  ///
  /// - Throws: ``FileError/exists(path:)`` where the target is there and not to be replaced, or
  ///   ``FileError/notARegularFile(path:found:)`` where it is no file.
  public func publish() throws(FileError) {
    try output.sync()
    if replacing {
      try Self.check(target: target, replacing: true, kind: kind)
      try retrying(.rename, target) { unsafe rename(output.path, target) }
    } else {
      try renameExclusively(output.path, target)
    }
    isPublished = true
    try syncDirectory(Path.parent(of: target))
  }
}

private func removeFile(_ path: String) throws(FileError) {
  try removing(path) { unsafe unlink(path) }
}
