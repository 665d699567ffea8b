#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The message of an error number.
public func systemMessage(_ code: Int32) -> String {
  // 256 bytes hold every message of glibc and Darwin.
  var buffer = [CChar](repeating: 0, count: 256)
  guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "errno \(code)" }
  return text(of: buffer[...])
}

/// The text in a C buffer, up to its NUL.
func text(of buffer: ArraySlice<CChar>) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Repeats a system call that returns −1 while a signal interrupts it.
///
/// - Throws: ``FileError/system(operation:path:errno:)``, ``FileError/notFound(path:)`` or
///   ``FileError/tooManyLinks(path:)``.
@discardableResult
func retrying<Result: SignedInteger>(
  _ operation: FileError.Operation, _ path: String, _ call: () -> Result
) throws(FileError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    if errno == EINTR { continue }
    throw systemError(operation, path, errno)
  }
}

/// Removes something; what is gone already is removed.
func removing(_ path: String, _ call: () -> Int32) throws(FileError) {
  do throws(FileError) {
    try retrying(.remove, path, call)
  } catch  where error.isNotFound {}
}

/// The error for an error number.
func systemError(
  _ operation: FileError.Operation, _ path: String, _ code: Int32
) -> FileError {
  switch code {
  case ENOENT, ENOTDIR: .notFound(path: path)
  case ELOOP: .tooManyLinks(path: path)
  default: .system(operation: operation, path: path, errno: code)
  }
}

/// The bytes of memory that the machine has.
public func physicalMemory() -> Int {
  let (pages, overflow) = sysconf(Int32(_SC_PHYS_PAGES))
    .multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
  return overflow ? Int.max : pages
}
