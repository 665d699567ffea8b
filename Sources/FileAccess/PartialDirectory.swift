import CMuninnPlatform

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A flat directory being written beside its final name, which it gets in one rename.
///
/// It holds a lock while it lives. Unless it is published it is removed with the value; after a
/// crash, the next run for the same target removes what it can lock.
public final class PartialDirectory {
  /// The final name.
  public let target: String
  /// Where the files are written.
  public let path: String
  private let lock: DirectoryLock
  private var isPublished = false

  /// Creates the directory, after removing what crashed runs left for the same target.
  ///
  /// - Throws: ``FileError/exists(path:)`` where the target is there and not to be replaced.
  public init(target: String, replacing: Bool) throws(FileError) {
    let target = Path.trimmed(target)
    if !replacing && (try? FileStatus(ofLink: target)) != nil { throw .exists(path: target) }
    try Self.removeAbandoned(of: target)
    while true {
      let path = PartialName.random(for: target)
      try retrying(.create, path) { unsafe mkdir(path, mode_t(0o777)) }
      do throws(FileError) {
        // Between creation and lock, another run may take this for abandoned and remove it.
        if let lock = try DirectoryLock(path: path) {
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
    if !isPublished { try? removeFlatDirectory(path) }
  }

  /// Gives the directory its final name; every file in it must be synced.
  ///
  /// - Parameter isReplaceable: with it, what is there is exchanged for this directory, and then
  ///   removed where it is still found replaceable; nil to replace nothing.
  /// - Returns: where what was there is left, if it could not or must not be removed.
  /// - Throws: ``FileError/exists(path:)`` where something is there and is not to be replaced, or
  ///   another ``FileError``.
  @discardableResult
  public func publish(
    replacing isReplaceable: ((_ path: String) -> Bool)? = nil
  ) throws(FileError) -> String? {
    try syncDirectory(path)
    guard let isReplaceable, (try? FileStatus(ofLink: target)) != nil else {
      try renameExclusively(path, target)
      isPublished = true
      try syncDirectory(Path.parent(of: target))
      return nil
    }
    try exchange()
    // Before the old one goes, the exchange must have reached the disk.
    try syncDirectory(Path.parent(of: target))
    guard isReplaceable(path), (try? removeFlatDirectory(path)) != nil else { return path }
    return nil
  }

  private func exchange() throws(FileError) {
    let code = unsafe muninn_rename_exchange(path, target)
    guard code == 0 else {
      throw isUnsupported(code)
        ? .cannotReplace(path: target)
        : .system(operation: .rename, path: target, errno: code)
    }
    // The new one stands; what has the partial name now is the old one.
    isPublished = true
  }

  /// What cannot be looked at, locked or removed is somebody else's, or in use, and is left.
  private static func removeAbandoned(of target: String) throws(FileError) {
    let parent = Path.parent(of: target)
    let name = Path.name(of: target)
    for entry in try directoryContents(parent)
    where PartialName.matches(entry, targetName: name) {
      let path = Path.join(parent, entry)
      guard let status = try? FileStatus(ofLink: path), status.kind == .directory,
        let lock = try? DirectoryLock(path: path)
      else { continue }
      withExtendedLifetime(lock) { _ = try? removeFlatDirectory(path) }
    }
  }
}

/// An exclusive lock on a directory, released with the value.
private final class DirectoryLock {
  private let descriptor: Int32

  /// Takes the lock, or is nil where another process holds it or has removed the directory.
  init?(path: String) throws(FileError) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
    let opened = unsafe open(path, flags)
    guard opened != -1 else {
      if errno == ENOENT { return nil }
      throw systemError(.lock, path, errno)
    }
    descriptor = opened
    let code = muninn_try_lock(descriptor)
    if code == EWOULDBLOCK { return nil }
    guard code == 0 else { throw .system(operation: .lock, path: path, errno: code) }
    let locked = try FileStatus(ofDescriptor: descriptor, path: path)
    guard let named = try? FileStatus(ofLink: path), named.inode == locked.inode,
      named.device == locked.device
    else { return nil }
  }

  deinit { close(descriptor) }
}

/// Whether an error of rename means that the file system lacks the flag.
private func isUnsupported(_ code: Int32) -> Bool {
  code == EINVAL || code == ENOSYS || code == ENOTSUP
}

/// Renames unless the target exists.
func renameExclusively(_ path: String, _ target: String) throws(FileError) {
  var code = unsafe muninn_rename_exclusive(path, target)
  if isUnsupported(code) {
    // A plain rename replaces an empty directory at most; one with files it refuses.
    if (try? FileStatus(ofLink: target)) != nil { throw .exists(path: target) }
    code = unsafe rename(path, target) == 0 ? 0 : errno
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

/// Removes a directory and the files in it, by their names as the system has them; a link to a
/// directory is none.
///
/// What another process removes meanwhile is gone as well.
///
/// - Throws: ``FileError`` for a directory that holds a directory, which is left.
func removeFlatDirectory(_ path: String) throws(FileError) {
  let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
  let descriptor = try retrying(.list, path) { unsafe open(path, flags) }
  guard let directory = unsafe fdopendir(descriptor) else {
    close(descriptor)
    throw systemError(.list, path, errno)
  }
  defer { unsafe closedir(directory) }
  while let entry = unsafe readdir(directory) {
    let code: Int32 = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
      unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { name in
        let text = unsafe String(cString: name)
        if text == "." || text == ".." { return 0 }
        return unsafe unlinkat(dirfd(directory), name, 0) == 0 || errno == ENOENT ? 0 : errno
      }
    }
    if code != 0 { throw .system(operation: .remove, path: path, errno: code) }
  }
  guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw systemError(.remove, path, errno) }
}
