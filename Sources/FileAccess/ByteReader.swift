/// Why a fixed field could not be read.
public enum ByteReaderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes end before the field does.
  case truncated(byteOffset: Int, needed: Int, available: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .truncated(let offset, let needed, let available):
      "\(needed) bytes wanted at byte \(offset), \(available) there"
    }
  }
}

/// Checked little-endian reads, in order, from bytes that nobody vouches for.
public struct ByteReader: ~Escapable {
  private let bytes: RawSpan
  /// Where the reader stands.
  public private(set) var byteOffset = 0

  /// A reader at the start of `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// Reads an unsigned integer.
  @_lifetime(self: copy self)
  public mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(ByteReaderError) -> Value {
    let start = try advance(by: MemoryLayout<Value>.size)
    return Value(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: type))
  }

  /// Reads `count` bytes.
  @_lifetime(self: copy self)
  public mutating func readBytes(count: Int) throws(ByteReaderError) -> [UInt8] {
    let start = try advance(by: count)
    return unsafe bytes.extracting(start..<start + count).withUnsafeBytes { unsafe [UInt8]($0) }
  }

  @_lifetime(self: copy self)
  private mutating func advance(by count: Int) throws(ByteReaderError) -> Int {
    guard count >= 0, count <= bytes.byteCount - byteOffset else {
      throw .truncated(
        byteOffset: byteOffset, needed: count, available: bytes.byteCount - byteOffset)
    }
    defer { byteOffset += count }
    return byteOffset
  }
}
