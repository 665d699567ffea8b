#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

import Tensors

/// What a path names.
public enum FileKind: String, Sendable {
  case regular = "a regular file"
  case directory = "a directory"
  case link = "a symbolic link"
  case fifo = "a fifo"
  case device = "a device"
  case socket = "a socket"

  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .link
    case S_IFIFO: self = .fifo
    case S_IFSOCK: self = .socket
    default: self = .device
    }
  }
}

/// What one file is and no other, whatever paths lead to it.
struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64
}

/// What the system says of a file.
public struct FileStatus: Equatable, Sendable {
  /// What it is.
  public let kind: FileKind
  /// The length in bytes, of a regular file.
  public let byteCount: Int
  let device: UInt64
  let inode: UInt64
  /// When the content changed last, in nanoseconds.
  let modified: Int

  /// What tells it from every other file.
  var identity: FileIdentity { FileIdentity(device: device, inode: inode) }

  init(_ status: stat) {
    kind = FileKind(mode: status.st_mode)
    byteCount = Int(status.st_size)
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    modified = time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
  }

  /// The status of what a path leads to.
  ///
  /// - Throws: ``FileError/notFound(path:)``, or ``FileError/danglingLink(path:target:)`` for a
  ///   link that leads nowhere.
  public init(ofPath path: String) throws(FileError) {
    try self.init(of: path, from: AT_FDCWD, path: path)
  }

  /// The status of a path itself, links not followed.
  public init(ofLink path: String) throws(FileError) {
    try self.init(of: path, from: AT_FDCWD, path: path, followingLink: false)
  }

  /// The status of what a name in an open directory leads to, or of the name itself.
  init(
    of name: String, from directory: Int32, path: String, followingLink: Bool = true
  ) throws(FileError) {
    var status = stat()
    let flags = followingLink ? 0 : AT_SYMLINK_NOFOLLOW
    do throws(FileError) {
      try retrying(.inspect, path) { unsafe fstatat(directory, name, &status, flags) }
    } catch  where error.isNotFound && followingLink {
      let link = try? FileStatus(of: name, from: directory, path: path, followingLink: false)
      guard link?.kind == .link else { throw error }
      throw .danglingLink(path: path, target: try linkBytes(path).printable)
    }
    self.init(status)
  }

  /// The status of a path itself, or nil if nothing is there.
  ///
  /// - Throws: ``FileError`` if that cannot be determined: what cannot be examined may exist.
  public static func ifPresent(ofLink path: String) throws(FileError) -> FileStatus? {
    try ifPresent(ofLink: path, from: AT_FDCWD)
  }

  static func ifPresent(
    ofLink name: String, from directory: Int32
  ) throws(FileError) -> FileStatus? {
    do throws(FileError) {
      return try FileStatus(of: name, from: directory, path: name, followingLink: false)
    } catch  where error.isNotFound {
      return nil
    }
  }

  init(ofDescriptor descriptor: Int32, path: String) throws(FileError) {
    var status = stat()
    try retrying(.inspect, path) { unsafe fstat(descriptor, &status) }
    self.init(status)
  }
}

/// Where a symbolic link points, as it is written.
///
/// - Throws: ``FileError/targetNotUTF8(path:target:)``, or another ``FileError``.
public func linkTarget(_ path: String) throws(FileError) -> String {
  let target = try linkBytes(path)
  guard let text = String(validating: target, as: UTF8.self) else {
    throw .targetNotUTF8(path: path, target: target.printable)
  }
  return text
}

private func linkBytes(_ path: String) throws(FileError) -> [UInt8] {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = try retrying(.inspect, path) { unsafe readlink(path, &buffer, buffer.count) }
  return buffer[..<count].map { UInt8(bitPattern: $0) }
}

/// The absolute path that `path` leads to, without links, `.` and `..`.
///
/// - Throws: ``FileError/targetNotUTF8(path:target:)``, or another ``FileError``.
public func resolvedPath(_ path: String) throws(FileError) -> String {
  guard let resolved = unsafe realpath(path, nil) else { throw systemError(.inspect, path, errno) }
  defer { unsafe free(resolved) }
  guard let text = unsafe String(validatingCString: resolved) else {
    let bytes = unsafe UnsafeBufferPointer(start: resolved, count: strlen(resolved))
    let target = unsafe bytes.map { UInt8(bitPattern: $0) }
    throw .targetNotUTF8(path: path, target: target.printable)
  }
  return text
}

/// The names in a directory, sorted by their bytes, without `.` and `..`.
///
/// - Throws: ``FileError/nameNotUTF8(directory:name:)`` if one is not text, since what would be
///   made of it may be another file's; or another ``FileError``.
public func directoryContents(_ path: String) throws(FileError) -> [String] {
  try DirectoryStream(path: path).names()
}

/// A name in a directory as text.
///
/// - Parameters:
///   - bytes: the name as the system has it, with or without its NUL.
///   - directory: where it lies, for the error.
/// - Returns: the name.
/// - Throws: ``FileError/nameNotUTF8(directory:name:)``.
func entryName(_ bytes: [CChar], in directory: String) throws(FileError) -> String {
  let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  guard let text = String(validating: name, as: UTF8.self) else {
    throw .nameNotUTF8(directory: directory, name: name.printable)
  }
  return text
}

/// The bytes that an unprivileged user can still write where `path` lies.
public func freeSpace(at path: String) throws(FileError) -> Int {
  var status = statvfs()
  try retrying(.measureFreeSpace, path) { unsafe statvfs(path, &status) }
  let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
    by: UInt64(status.f_frsize))
  return overflow ? Int.max : Int(clamping: bytes)
}
