import CMuninnPlatform

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A new file open for positioned writes, from any number of threads.
public final class OutputFile: Sendable {
  /// Where it was created.
  public let path: String
  private let descriptor: Int32

  /// Creates a file that is not there yet.
  public convenience init(creating path: String) throws(FileError) {
    try self.init(creating: path, from: AT_FDCWD, path: path)
  }

  /// Creates a file in an open directory.
  convenience init(creating name: String, in directory: OpenDirectory) throws(FileError) {
    try self.init(
      creating: name, from: directory.descriptor, path: directory.path(of: name))
  }

  private init(creating name: String, from directory: Int32, path: String) throws(FileError) {
    self.path = path
    self.descriptor = try retrying(.create, path) {
      unsafe openat(
        directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o666))
    }
  }

  deinit { close(descriptor) }

  /// Reserves the file's whole length, zero-filled, so that a full disk shows before the work.
  ///
  /// - Throws: ``FileError/system(operation:path:errno:)`` with `ENOSPC` if it does not fit.
  public func preallocate(byteCount: Int) throws(FileError) {
    let code = muninn_preallocate(descriptor, Int64(byteCount))
    if code == ENOTSUP {
      // No reservation on this file system: a hole of the right length still reads as zeros.
      try retrying(.preallocate, path) { ftruncate(descriptor, off_t(byteCount)) }
    } else if code != 0 {
      throw .system(operation: .preallocate, path: path, errno: code)
    }
  }

  /// Writes all bytes from `byteOffset` on.
  public func write(_ bytes: RawSpan, at byteOffset: Int) throws(FileError) {
    var done = 0
    while done < bytes.byteCount {
      let count = try retrying(.write, path) {
        unsafe bytes.withUnsafeBytes { buffer in
          unsafe pwrite(
            descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done,
            off_t(byteOffset + done))
        }
      }
      // A file system that takes nothing, and gives no reason, would be asked for ever.
      guard count > 0 else { throw .system(operation: .write, path: path, errno: EIO) }
      done += count
    }
  }

  /// Brings the content to the disk.
  public func sync() throws(FileError) {
    try retrying(.sync, path) { fsync(descriptor) }
  }
}
