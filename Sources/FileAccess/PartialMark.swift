#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The file that tells a directory which is being written, or removed, from anybody's folder of such
/// a name.
///
/// It is created first, right after the lock was taken, and goes last. What was exchanged for a new
/// directory gets it before its files go.
enum PartialMark {
  /// The file's name.
  static let name = ".muninn-partial"
  private static let entry = Array(name.utf8CString)

  /// Marks a directory, which may be marked already; a link to a directory does not count.
  static func put(in directory: String) throws(FileError) {
    try DirectoryStream(path: directory, followingLink: false).createFile(entry)
  }

  /// Takes the mark from a directory.
  static func remove(from directory: String) throws(FileError) {
    try DirectoryStream(path: directory, followingLink: false).remove(entry)
  }

  /// Removes a directory that is marked, with the files in it, or is empty; a link to a directory
  /// does not count.
  ///
  /// What another process removes meanwhile is gone as well.
  ///
  /// - Throws: ``FileError`` for a directory that has files and no mark, or that holds a directory;
  ///   it is left.
  static func removeDirectory(_ path: String) throws(FileError) {
    let isMarked = try FileStatus.ifPresent(ofLink: Path.join(path, name))?.kind == .regular
    if isMarked {
      let directory = try DirectoryStream(path: path, followingLink: false)
      while let name = try directory.next() {
        if name != entry { try directory.remove(name) }
      }
      try directory.remove(entry)
    }
    try removing(path) { unsafe rmdir(path) }
  }

  /// Removes the directory that this run writes, whose mark may have been removed already.
  static func removeOwnDirectory(_ path: String) throws(FileError) {
    try put(in: path)
    try removeDirectory(path)
  }
}
