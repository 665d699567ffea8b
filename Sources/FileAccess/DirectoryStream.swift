#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The names in a directory, one after the other.
@safe
final class DirectoryStream {
  /// Where it was opened.
  let path: String
  #if canImport(Darwin)
  private let stream: UnsafeMutablePointer<DIR>
  #else
  private let stream: OpaquePointer
  #endif

  /// Opens a directory.
  ///
  /// - Parameters:
  ///   - path: of the directory.
  ///   - followingLink: whether a link to a directory is one.
  /// - Throws: ``FileError``.
  convenience init(path: String, followingLink: Bool = true) throws(FileError) {
    try self.init(path, from: AT_FDCWD, path: path, followingLink: followingLink)
  }

  /// Lists a directory that is open.
  convenience init(_ directory: OpenDirectory) throws(FileError) {
    try self.init(".", from: directory.descriptor, path: directory.path, followingLink: true)
  }

  private init(
    _ name: String, from directory: Int32, path: String, followingLink: Bool
  ) throws(FileError) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followingLink ? 0 : O_NOFOLLOW)
    let descriptor = try retrying(.list, path) { unsafe openat(directory, name, flags) }
    guard let opened = unsafe fdopendir(descriptor) else {
      let code = errno
      close(descriptor)
      throw systemError(.list, path, code)
    }
    self.path = path
    unsafe stream = opened
  }

  deinit { unsafe closedir(stream) }

  /// The next name but `.` and `..`, as the system has it, with its NUL; nil after the last.
  func next() throws(FileError) -> [CChar]? {
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno == EINTR { continue }
        if errno != 0 { throw .system(operation: .list, path: path, errno: errno) }
        return nil
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
      }
      if name != [CChar(UInt8(ascii: "."))]
        && name != [CChar(UInt8(ascii: ".")), CChar(UInt8(ascii: "."))]
      {
        return name + [0]
      }
    }
  }

  /// All names that are left, sorted by their bytes.
  ///
  /// - Throws: ``FileError/nameNotUTF8(directory:name:)`` if one is not text.
  func names() throws(FileError) -> [String] {
    var names: [String] = []
    while let name = try next() { names.append(try entryName(name, in: path)) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The names that are text: for finding one's own among whatever else lies there.
  func textualNames() throws(FileError) -> [String] {
    var names: [String] = []
    while let name = try next() {
      if let name = try? entryName(name, in: path) { names.append(name) }
    }
    return names
  }

  /// Creates an empty file, unless one is there.
  func createFile(_ name: [CChar]) throws(FileError) {
    let descriptor = try retrying(.create, path) {
      unsafe openat(
        dirfd(stream), name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode_t(0o666))
    }
    close(descriptor)
  }

  /// Removes an entry that is not a directory; it is not an error if it is gone already.
  func remove(_ name: [CChar]) throws(FileError) {
    try removing(path) { unsafe unlinkat(dirfd(stream), name, 0) }
  }
}
