import CMuninnPlatform

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A regular file open for positioned reads, from any number of threads.
///
/// Nothing is mapped: a file that is cut or fails while being read is an error and not a signal.
public final class InputFile: Sendable {
  /// Where it was opened.
  public let path: String
  /// The length when it was opened.
  public let byteCount: Int
  let descriptor: Int32
  private let opened: FileStatus

  /// Opens a file; links are followed, and anything but a regular file is refused.
  public convenience init(path: String) throws(FileError) {
    try self.init(path, from: AT_FDCWD, path: path)
  }

  /// Opens the file that a directory has under a name.
  convenience init(_ name: String, in directory: OpenDirectory) throws(FileError) {
    try self.init(name, from: directory.descriptor, path: directory.path(of: name))
  }

  private init(_ name: String, from directory: Int32, path: String) throws(FileError) {
    (descriptor, opened) = try openRegularFile(name, from: directory, path: path)
    byteCount = opened.byteCount
    self.path = path
  }

  deinit { close(descriptor) }

  /// Fills `buffer` with the elements whose bytes start at `byteOffset`.
  ///
  /// - Throws: ``FileError/ended(path:byteOffset:needed:available:)`` if the file is shorter.
  public func read<Element: BitwiseCopyable>(
    at byteOffset: Int, into buffer: inout MutableSpan<Element>
  ) throws(FileError) {
    var done = 0
    let needed = buffer.count * MemoryLayout<Element>.stride
    while done < needed {
      let count = try retrying(.read, path) {
        unsafe buffer.withUnsafeMutableBytes { bytes in
          unsafe pread(
            descriptor, bytes.baseAddress?.advanced(by: done), needed - done,
            off_t(byteOffset + done))
        }
      }
      guard count > 0 else {
        throw .ended(path: path, byteOffset: byteOffset, needed: needed, available: done)
      }
      done += count
    }
  }

  /// Reads `count` bytes from `byteOffset`; the caller has bounded `count`.
  public func read(at byteOffset: Int, count: Int) throws(FileError) -> [UInt8] {
    guard byteOffset >= 0, count >= 0, count <= byteCount - byteOffset else {
      throw .ended(
        path: path, byteOffset: byteOffset, needed: count,
        available: max(0, byteCount - byteOffset))
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try read(at: byteOffset, into: &span)
    return bytes
  }

  /// How far ahead of a run the system is asked to read.
  private static let runLead = 16 << 20

  /// Reads a range in runs of at most a mebibyte, in order, through one buffer.
  ///
  /// - Parameters:
  ///   - range: the bytes to read.
  ///   - body: given each run and where it begins; false stops.
  /// - Returns: whether the range was read to its end.
  /// - Throws: ``FileError`` from reading, or what `body` throws.
  @discardableResult
  public func forEachRun(
    in range: Range<Int>, _ body: (_ bytes: RawSpan, _ byteOffset: Int) throws(FileError) -> Bool
  ) throws(FileError) -> Bool {
    var buffer = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(buffer.count, range.upperBound - offset)
      // What is done with the bytes leaves the disk time, if it knows what comes.
      let ahead = offset + Self.runLead
      if ahead < range.upperBound {
        readAhead(ahead..<min(range.upperBound, ahead + buffer.count))
      }
      var span = buffer.mutableSpan
      var part = span.part(0..<count)
      try read(at: offset, into: &part)
      guard try body(buffer.span.extracting(0..<count).rawBytes, offset) else { return false }
      offset += count
    }
    return true
  }

  /// Checks that nobody has written to the file since it was opened, so that all that was read of
  /// it belongs together.
  ///
  /// - Throws: ``FileError/changed(path:)``.
  public func checkUnchanged() throws(FileError) {
    let status = try FileStatus(ofDescriptor: descriptor, path: path)
    guard status == opened else { throw .changed(path: path) }
  }

  /// Lets the system begin to read a range that will be read soon; it may do nothing.
  public func readAhead(_ range: Range<Int>) {
    muninn_read_ahead(descriptor, Int64(range.lowerBound), Int64(range.count))
  }

  /// Lets the system forget a range that will not be read again; it may do nothing.
  public func releaseCache(of range: Range<Int>) {
    muninn_release_cache(descriptor, Int64(range.lowerBound), Int64(range.count))
  }

  /// All its bytes, of a small file.
  ///
  /// - Throws: ``FileError/tooLarge(path:byteCount:limit:)`` before anything is allocated.
  public func contents(limit: Int) throws(FileError) -> [UInt8] {
    guard byteCount <= limit else {
      throw .tooLarge(path: path, byteCount: byteCount, limit: limit)
    }
    return try read(at: 0, count: byteCount)
  }

  /// Reads a small file whole.
  ///
  /// - Throws: ``FileError/tooLarge(path:byteCount:limit:)`` before anything is allocated.
  public static func contents(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    try InputFile(path: path).contents(limit: limit)
  }

  /// Reads a small file whole, or is nil if nothing is there.
  ///
  /// - Throws: ``FileError`` if something is there and cannot be read.
  public static func contents(
    ifPresent path: String, limit: Int
  ) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try contents(of: path, limit: limit)
    } catch  where error.isNotFound {
      return nil
    }
  }
}

/// Lets the process have as many files open as the system allows it.
///
/// A checkpoint may have more shards than the usual soft limit. For programs, not for libraries.
public func raiseOpenFileLimit() { muninn_raise_open_file_limit() }

/// Opens a regular file for reading, links followed; the caller closes it.
///
/// - Parameters:
///   - name: what to open.
///   - directory: the descriptor of the directory that a relative name is looked for in.
///   - path: what errors call it.
/// - Returns: its descriptor and its status.
/// - Throws: ``FileError``.
private func openRegularFile(
  _ name: String, from directory: Int32, path: String
) throws(FileError) -> (descriptor: Int32, FileStatus) {
  // Looked at first, so that a dangling link is told; without O_NONBLOCK, opening a fifo that came
  // meanwhile would wait for a writer.
  let status = try FileStatus(of: name, from: directory, path: path)
  guard status.kind == .regular else {
    throw .notARegularFile(path: path, found: status.kind.rawValue)
  }
  let descriptor = try retrying(.open, path) {
    unsafe openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  }
  do throws(FileError) {
    let opened = try FileStatus(ofDescriptor: descriptor, path: path)
    guard opened.kind == .regular else {
      throw .notARegularFile(path: path, found: opened.kind.rawValue)
    }
    return (descriptor, opened)
  } catch {
    close(descriptor)
    throw error
  }
}
