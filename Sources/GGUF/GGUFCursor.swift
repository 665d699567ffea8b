import FileAccess
import Tensors

/// Reads a header from the front, whose length nothing tells beforehand.
///
/// What is asked for is compared with what the file has before anything is allocated for it.
struct GGUFCursor {
  private let file: InputFile
  /// The byte that is read next.
  private(set) var offset = 0
  private var chunk: [UInt8] = []
  private var chunkStart = 0

  private static let chunkByteCount = 1 << 16

  init(_ file: InputFile) {
    self.file = file
  }

  /// The bytes of the file.
  var byteCount: Int { file.byteCount }

  /// Reads a little-endian integer.
  mutating func integer<Integer: FixedWidthInteger>(
    _ type: Integer.Type = Integer.self
  ) throws(GGUFFault) -> Integer {
    let count = Integer.bitWidth / 8
    let start = try take(UInt64(count), stride: 1)
    return Integer(littleEndianBytes: chunk[start..<start + count])
  }

  /// Reads a string of a length that was read and bounded.
  mutating func string(byteCount: UInt64) throws(GGUFFault) -> String {
    let begin = offset
    let start = try take(byteCount, stride: 1)
    guard let text = String(validating: chunk[start..<start + offset - begin], as: UTF8.self)
    else { throw .notUTF8(byteOffset: begin) }
    return text
  }

  /// Reads the bytes of numbers.
  mutating func bytes(count: UInt64, stride: Int) throws(GGUFFault) -> [UInt8] {
    let begin = offset
    let start = try take(count, stride: stride)
    return Array(chunk[start..<start + offset - begin])
  }

  /// Checks that this many elements of at least `stride` bytes can follow.
  func checkRoom(for count: UInt64, stride: Int) throws(GGUFFault) {
    let available = file.byteCount - offset
    guard count <= UInt64(available / stride) else {
      let (needed, overflow) = count.multipliedReportingOverflow(by: UInt64(stride))
      throw .headerCut(
        byteOffset: offset, needed: overflow ? .max : needed, available: available)
    }
    guard offset + Int(count) * stride <= GGUFLimits.headerByteCount else {
      throw .headerTooLarge(byteOffset: offset, limit: GGUFLimits.headerByteCount)
    }
  }

  /// Moves on over bytes that are in ``chunk`` then.
  ///
  /// - Returns: where they begin in it.
  private mutating func take(_ count: UInt64, stride: Int) throws(GGUFFault) -> Int {
    try checkRoom(for: count, stride: stride)
    let needed = Int(count) * stride
    if offset + needed > chunkStart + chunk.count {
      let length = min(max(needed, Self.chunkByteCount), file.byteCount - offset)
      chunk = try GGUFFault.wrapping(file.read(at: offset, count: length))
      chunkStart = offset
    }
    defer { offset += needed }
    return offset - chunkStart
  }
}
