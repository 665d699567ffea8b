import Foundation
import Testing

/// One byte of a file changed for as long as something takes.
public enum Flip {
  /// Runs `body` with the bits of `mask` flipped in one byte of a file.
  public static func during<Value>(
    _ path: String, at offset: Int, by mask: UInt8, _ body: () throws -> Value
  ) throws -> Value {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    var original: UInt8 = 0
    try #require(pread(descriptor, &original, 1, off_t(offset)) == 1)
    func put(_ byte: UInt8) throws {
      var byte = byte
      try #require(pwrite(descriptor, &byte, 1, off_t(offset)) == 1)
    }
    try put(original ^ mask)
    defer { try? put(original) }
    return try body()
  }
}
