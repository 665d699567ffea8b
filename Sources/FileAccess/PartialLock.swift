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

  /// Takes the lock, or is nil where another process holds it or has moved what it is on.
  ///
  /// - Parameters:
  ///   - path: of what is written.
  ///   - kind: a directory, or a regular file.
  ///   - patience: how often to wait ten milliseconds for a process that holds the lock, before that
  ///     is an error.
  /// - Throws: ``FileError`` where the file system does not lock.
  init?(path: String, kind: FileKind, patience: Int = 0) throws(FileError) {
    // Some file systems lock for writing only what is open for it.
    let access = kind == .directory ? O_RDONLY | O_DIRECTORY : O_WRONLY | O_NONBLOCK
    do throws(FileError) {
      descriptor = try retrying(.lock, path) {
        unsafe open(path, access | O_CLOEXEC | O_NOFOLLOW)
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
    guard let named = try FileStatus.ifPresent(ofLink: path), named.inode == locked.inode,
      named.device == locked.device, named.kind == kind
    else { return nil }
  }

  deinit { close(descriptor) }

  /// Calls `body` with each partial of a target that runs which died have left, locked meanwhile.
  ///
  /// What cannot be looked at or locked is somebody else's, or in use, and is left.
  ///
  /// - Throws: ``FileError`` where the directory of the target cannot be listed.
  static func forEachAbandoned(
    of target: String, kind: FileKind, _ body: (_ path: String) -> Void
  ) throws(FileError) {
    let parent = Path.parent(of: target)
    let name = Path.name(of: target)
    for entry in try textualNames(in: parent)
    where PartialName.matches(entry, targetName: name) {
      let path = Path.join(parent, entry)
      guard let status = try? FileStatus(ofLink: path), status.kind == kind,
        let lock = try? PartialLock(path: path, kind: kind)
      else { continue }
      withExtendedLifetime(lock) { body(path) }
    }
  }
}
