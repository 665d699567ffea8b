import CMuninnPlatform
import Tensors

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A regular file mapped read-only, unmapped when the value ends.
///
/// A file cut by another process while mapped faults (`SIGBUS`) on the pages that are gone: our
/// writers replace files by rename and never cut one. ``explainFaults()`` gives it words.
@safe
public struct MappedFile: ~Copyable, @unchecked Sendable {
  /// Where it was opened.
  public let path: String
  private let pointer: UnsafeRawPointer?
  /// The length when it was mapped.
  public let byteCount: Int

  /// Maps a file whole.
  public init(path: String) throws(FileError) {
    try self.init(try InputFile(path: path))
  }

  /// Maps an open file whole, as long as it was when it was opened.
  ///
  /// - Throws: ``FileError/changed(path:)`` if somebody has written to it since.
  public init(_ file: InputFile) throws(FileError) {
    try file.checkUnchanged()
    let count = file.byteCount
    // The system refuses to map nothing.
    var address: UnsafeMutableRawPointer?
    if count > 0 {
      unsafe address = mmap(nil, count, PROT_READ, MAP_SHARED, file.descriptor, 0)
      guard unsafe address != MAP_FAILED else { throw systemError(.map, file.path, errno) }
      unsafe muninn_note_map(address, Int64(count), file.path.quoted)
    }
    self.path = file.path
    self.byteCount = count
    unsafe self.pointer = UnsafeRawPointer(address)
  }

  deinit {
    if let pointer = unsafe pointer {
      unsafe muninn_forget_map(pointer)
      unsafe munmap(UnsafeMutableRawPointer(mutating: pointer), byteCount)
    }
  }

  /// Lets a fault in a map end the process with a line on standard error and exit code 1, as an
  /// error of a read does; for programs, not for libraries.
  public static func explainFaults() { muninn_explain_bus_errors() }

  /// Asks the system to read the whole file ahead; it may do nothing.
  ///
  /// - Throws: ``FileError/system(operation:path:errno:)``.
  public func adviseWillNeed() throws(FileError) {
    guard let pointer = unsafe pointer else { return }
    let address = unsafe UnsafeMutableRawPointer(mutating: pointer)
    let code = unsafe posix_madvise(address, byteCount, POSIX_MADV_WILLNEED)
    guard code == 0 else { throw .system(operation: .map, path: path, errno: code) }
  }

  /// Keeps the whole file in memory until the map ends; waits until it is read.
  ///
  /// - Throws: ``FileError/cannotPin(path:byteCount:limit:)`` if the process may not lock so much
  ///   memory.
  public func pin() throws(FileError) {
    guard let pointer = unsafe pointer else { return }
    if unsafe mlock(pointer, byteCount) == 0 { return }
    let code = errno
    guard code == ENOMEM || code == EPERM || code == EAGAIN else {
      throw .system(operation: .map, path: path, errno: code)
    }
    let limit = Int(muninn_locked_memory_limit())
    throw .cannotPin(path: path, byteCount: byteCount, limit: limit)
  }

  /// The file's bytes, which cannot outlive the map.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let buffer = unsafe UnsafeRawBufferPointer(start: pointer, count: byteCount)
      let span = unsafe RawSpan(_unsafeBytes: buffer)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
