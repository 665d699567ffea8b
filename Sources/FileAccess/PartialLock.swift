import CMuninnPlatform

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The exclusive lock of who is writing a partial file or directory, released with the value.
///
/// What has a partial's name and can be locked was left by a run that died.
final class PartialLock {
  private let descriptor: Int32

  /// Takes the lock, or is nil if another process holds it or has moved what it is on.
  ///
  /// - Parameters:
  ///   - path: of what is written.
  ///   - kind: a directory, or a regular file.
  ///   - patience: how often to wait ten milliseconds for a process that holds the lock, before that
  ///     is an error.
  /// - Throws: ``FileError`` if the file system does not lock.
  convenience init?(path: String, kind: FileKind, patience: Int = 0) throws(FileError) {
    try self.init(path, from: AT_FDCWD, path: path, kind: kind, patience: patience)
  }

  /// Takes the lock of what an open directory has under a name.
  convenience init?(_ name: String, in directory: OpenDirectory, kind: FileKind) throws(FileError) {
    try self.init(
      name, from: directory.descriptor, path: directory.path(of: name), kind: kind, patience: 0)
  }

  private init?(
    _ name: String, from directory: Int32, path: String, kind: FileKind, patience: Int
  ) throws(FileError) {
    // Some file systems lock for writing only what is open for it.
    let access = kind == .directory ? O_RDONLY | O_DIRECTORY : O_WRONLY | O_NONBLOCK
    do throws(FileError) {
      descriptor = try retrying(.lock, path) {
        unsafe openat(directory, name, access | O_CLOEXEC | O_NOFOLLOW)
      }
    } catch  where error.isNotFound {
      return nil
    }
    var code = muninn_try_lock(descriptor)
    for _ in 0..<patience where code == EWOULDBLOCK {
      usleep(10_000)
      code = muninn_try_lock(descriptor)
    }
    if code == EWOULDBLOCK, patience == 0 { return nil }
    guard code == 0 else { throw .system(operation: .lock, path: path, errno: code) }
    let locked = try FileStatus(ofDescriptor: descriptor, path: path)
    guard let named = try FileStatus.ifPresent(ofLink: name, from: directory),
      named.identity == locked.identity, named.kind == kind
    else { return nil }
  }

  deinit { close(descriptor) }

  /// Calls `body` with each partial of a target that runs which died have left, locked meanwhile.
  ///
  /// What cannot be looked at or locked is somebody else's, or in use, and is left.
  ///
  /// - Parameters:
  ///   - targetName: the name of the target in its directory.
  ///   - directory: where it is.
  ///   - kind: what is looked for.
  ///   - body: given the name of each.
  /// - Throws: ``FileError`` if the directory cannot be listed.
  static func forEachAbandoned(
    of targetName: String, in directory: OpenDirectory, kind: FileKind,
    _ body: (_ name: String) -> Void
  ) throws(FileError) {
    for name in try DirectoryStream(directory).textualNames()
    where PartialName.matches(name, targetName: targetName) {
      guard let status = try? directory.status(ofLink: name), status.kind == kind,
        let lock = try? PartialLock(name, in: directory, kind: kind)
      else { continue }
      withExtendedLifetime(lock) { body(name) }
    }
  }
}
