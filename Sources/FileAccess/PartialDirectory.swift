import CMuninnPlatform

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A flat directory being written beside its final name, which it gets in one rename.
///
/// It holds a lock while it lives, and a file that marks it (``PartialMark``) until it gets its name.
/// Unless it is published it is removed with the value; after a crash, the next run for the same
/// target removes what it can lock and finds marked.
public final class PartialDirectory {
  /// The final name.
  public let target: String
  /// Where the files are written.
  public let path: String
  /// A minute: in less, another run has removed what it replaced.
  private static let patience = 6_000
  /// Nil once the directory has its name, under which another run may replace it.
  private var lock: PartialLock?

  /// Creates the directory, after removing what crashed runs left for the same target.
  ///
  /// - Throws: ``FileError/exists(path:)`` if the target is there and not to be replaced.
  public init(target: String, replacing: Bool) throws(FileError) {
    let target = Path.trimmed(target)
    try Path.checkName(of: target)
    if !replacing, try FileStatus.ifPresent(ofLink: target) != nil { throw .exists(path: target) }
    let parent = try OpenDirectory(path: Path.parent(of: target))
    try PartialLock.forEachAbandoned(
      of: Path.name(of: target), in: parent, kind: .directory
    ) { name in
      _ = try? PartialMark.removeDirectory(parent.path(of: name))
    }
    while true {
      let path = PartialName.random(for: target)
      try retrying(.create, path) { unsafe mkdir(path, mode_t(0o777)) }
      do throws(FileError) {
        // Between creation and lock, another run may take this for abandoned and remove it.
        if let lock = try PartialLock(path: path, kind: .directory) {
          try PartialMark.put(in: path)
          self.target = target
          self.path = path
          self.lock = lock
          return
        }
      } catch {
        unsafe rmdir(path)
        throw error
      }
    }
  }

  deinit {
    // Nobody is left to tell of a failure; the next run tries again.
    if lock != nil { try? PartialMark.removeOwnDirectory(path) }
  }

  /// Creates a file in it, which is to be synced.
  public func create(_ name: String) throws(FileError) -> OutputFile {
    try OutputFile(creating: Path.join(path, name))
  }

  /// Writes a file in it, and brings it to the disk.
  public func write(_ bytes: [UInt8], as name: String) throws(FileError) {
    let output = try create(name)
    try output.write(bytes.span.rawBytes, at: 0)
    try output.sync()
  }

  /// Writes a file in it from runs of bytes, and brings it to the disk.
  ///
  /// - Parameters:
  ///   - name: the file's.
  ///   - read: gives what it is called with each run and where it begins.
  /// - Throws: what `read` does, and what the system refuses as an error of that layer.
  public func write<Failure: LayeredError>(
    as name: String,
    from read: (
      _ take: (_ bytes: RawSpan, _ byteOffset: Int) throws(FileError) -> Void
    ) throws(Failure) -> Void
  ) throws(Failure) {
    let output = try Failure.wrapping(create(name))
    try read { bytes, offset throws(FileError) in try output.write(bytes, at: offset) }
    try Failure.wrapping(output.sync())
  }

  /// Gives the directory its final name; every file in it must be synced.
  ///
  /// - Parameter isReplaceable: with it, what is there is exchanged for this directory, and then
  ///   removed where it is still found replaceable; nil to replace nothing.
  /// - Returns: where what was there is left, if it could not or must not be removed.
  /// - Throws: ``FileError/exists(path:)`` if something is there and is not to be replaced, or
  ///   another ``FileError``.
  @discardableResult
  public func publish(
    replacing isReplaceable: ((_ path: String) throws(FileError) -> Bool)? = nil
  ) throws(FileError) -> String? {
    // Last, and on the disk before the name is: what is published has no other file.
    try PartialMark.remove(from: path)
    try syncDirectory(path)
    let replaced = try rename(replacing: isReplaceable != nil)
    lock = nil
    // Before the old one goes, the exchange must have reached the disk.
    try syncDirectory(Path.parent(of: target))
    guard let replaced, let isReplaceable else { return nil }
    return try withExtendedLifetime(replaced) { () throws(FileError) in
      try disposeOfReplaced(isReplaceable)
    }
  }

  /// What has a partial's name since it was exchanged for the directory.
  private struct Replaced {
    /// Held until it is disposed of, or another run would take it for abandoned; nil on no directory.
    let lock: PartialLock?
  }

  /// Gives the directory its name, and what has it already the partial name.
  private func rename(replacing: Bool) throws(FileError) -> Replaced? {
    while true {
      guard replacing, let status = try FileStatus.ifPresent(ofLink: target) else {
        do throws(FileError) {
          try renameExclusively(path, target)
          return nil
        } catch {
          // Another run was there first, and is now what is to be replaced.
          if replacing, error == .exists(path: target) { continue }
          throw error
        }
      }
      var replaced = Replaced(lock: nil)
      if status.kind == .directory {
        // Another run may be about to replace the same one, or have just given it its name.
        let lock = try PartialLock(path: target, kind: .directory, patience: Self.patience)
        guard let lock else { continue }
        replaced = Replaced(lock: lock)
      }
      let code = unsafe muninn_rename_exchange(path, target)
      if code == 0 { return replaced }
      if code == ENOENT, try FileStatus.ifPresent(ofLink: target) == nil { continue }
      throw isUnsupported(code)
        ? .cannotReplace(path: target)
        : .system(operation: .rename, path: target, errno: code)
    }
  }

  /// Removes the old directory, which now has the partial name; returns where it is left if that
  /// fails.
  private func disposeOfReplaced(
    _ isReplaceable: (_ path: String) throws(FileError) -> Bool
  ) throws(FileError) -> String? {
    // Marked, it is the next run's to remove, where this one cannot.
    if (try? isReplaceable(path)) == true, (try? PartialMark.put(in: path)) != nil {
      return (try? PartialMark.removeDirectory(path)) == nil ? pathIfPresent : nil
    }
    // Whatever it is, it is nobody's to remove, so it must not keep a partial's name.
    let name = PartialName.randomReplaced(for: target)
    return (try? renameExclusively(path, name)) == nil ? pathIfPresent : name
  }

  /// Somebody may have removed what was replaced.
  private var pathIfPresent: String? { (try? FileStatus(ofLink: path)) == nil ? nil : path }
}

/// Whether an error of rename means that the file system lacks the flag.
private func isUnsupported(_ code: Int32) -> Bool {
  code == EINVAL || code == ENOSYS || code == ENOTSUP
}

/// Renames unless the target exists; relative paths are looked for in `directory`.
func renameExclusively(
  _ path: String, _ target: String, in directory: Int32 = AT_FDCWD
) throws(FileError) {
  var code = unsafe muninn_rename_exclusive(directory, path, target)
  if isUnsupported(code) {
    // A plain rename replaces an empty directory at most; one with files it refuses.
    if try FileStatus.ifPresent(ofLink: target, from: directory) != nil {
      throw .exists(path: target)
    }
    repeat {
      code = unsafe renameat(directory, path, directory, target) == 0 ? 0 : errno
    } while code == EINTR
  }
  switch code {
  case 0: return
  case EEXIST, ENOTEMPTY: throw .exists(path: target)
  default: throw .system(operation: .rename, path: target, errno: code)
  }
}

/// Brings a directory's entries to the disk.
func syncDirectory(_ path: String) throws(FileError) {
  let descriptor = try retrying(.open, path) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
  defer { close(descriptor) }
  try retrying(.sync, path) { fsync(descriptor) }
}
