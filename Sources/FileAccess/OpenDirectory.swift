import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A directory open for reading: what is opened in it later is in this one, wherever its path leads
/// by then.
///
/// Each file is opened once; who asks for it again has the same bytes.
public final class OpenDirectory: Sendable {
  /// Where it was opened.
  public let path: String
  let descriptor: Int32
  private let opened: FileStatus
  private let files = Mutex<[String: InputFile]>([:])

  /// Opens a directory; links are followed.
  ///
  /// - Throws: ``FileError``, ``FileError/notADirectory(path:found:)`` among them.
  public init(path: String) throws(FileError) {
    let status = try FileStatus(ofPath: path)
    guard status.kind == .directory else {
      throw .notADirectory(path: path, found: status.kind.rawValue)
    }
    descriptor = try retrying(.open, path) {
      unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    self.path = path
    do throws(FileError) {
      opened = try FileStatus(ofDescriptor: descriptor, path: path)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// The path of what it has under a name, for messages.
  public func path(of name: String) -> String { Path.join(path, name) }

  /// The names in it at this moment, sorted by their bytes, without `.` and `..`.
  public func names() throws(FileError) -> [String] { try DirectoryStream(self).names() }

  /// The bytes of the regular files in it, links followed.
  public func byteCount() throws(FileError) -> Int {
    try names().reduce(0) { sum, name in
      let status = try? FileStatus(of: name, from: descriptor, path: path(of: name))
      return sum + (status?.kind == .regular ? status?.byteCount ?? 0 : 0)
    }
  }

  /// The status of a name itself, links not followed.
  public func status(ofLink name: String) throws(FileError) -> FileStatus {
    try FileStatus(of: name, from: descriptor, path: path(of: name), followingLink: false)
  }

  /// The regular file of a name, links followed.
  ///
  /// - Throws: ``FileError`` if it cannot be opened; the next call tries again.
  public func file(_ name: String) throws(FileError) -> InputFile {
    try files.withLock { files throws(FileError) in
      if let file = files[name] { return file }
      let file = try InputFile(name, in: self)
      files[name] = file
      return file
    }
  }

  /// A small file, read whole.
  ///
  /// - Throws: ``FileError/tooLarge(path:byteCount:limit:)`` before anything is allocated.
  public func contents(of name: String, limit: Int) throws(FileError) -> [UInt8] {
    try file(name).contents(limit: limit)
  }

  /// Whether a path leads to it.
  public func isPath(_ path: String) -> Bool {
    (try? FileStatus(ofPath: path))?.identity == opened.identity
  }

  /// Checks that nobody has written to the files that were opened in it.
  ///
  /// - Throws: ``FileError/changed(path:)``.
  public func checkFilesUnchanged() throws(FileError) {
    for file in files.withLock({ $0.values.map(\.self) }) { try file.checkUnchanged() }
  }

  /// Checks that its path still leads to it, and that nobody has added, renamed or removed anything
  /// in it since it was opened.
  ///
  /// - Throws: ``FileError/changed(path:)``.
  public func checkUnchanged() throws(FileError) {
    let status = try FileStatus(ofDescriptor: descriptor, path: path)
    guard status == opened, isPath(path) else { throw .changed(path: path) }
  }
}
