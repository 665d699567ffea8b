#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The bytes of plain values, without a copy.
extension Span where Element: BitwiseCopyable {
  /// The memory of the elements, in the machine's byte order, which is little-endian.
  public var rawBytes: RawSpan {
    @_lifetime(copy self)
    get {
      // Plain values have no invalid bytes: reading them as bytes is sound.
      let bytes = unsafe self.bytes
      return unsafe _overrideLifetime(bytes, copying: self)
    }
  }
}

extension RawSpan {
  /// Appends a copy of the bytes to an array.
  public func append(to array: inout [UInt8]) {
    unsafe withUnsafeBytes { unsafe array.append(contentsOf: $0) }
  }

  /// Whether both are the same bytes.
  public func isEqual(to other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return true }
        return unsafe memcmp(left, right, byteCount) == 0
      }
    }
  }
}

extension RawSpan {
  /// A typed view of `count` elements from `byteOffset`, without a copy.
  ///
  /// - Throws: ``ViewError`` if it leaves the bytes or is misaligned.
  @_lifetime(copy self)
  public func view<Element: BitwiseCopyable>(
    of type: Element.Type, at byteOffset: Int, count: Int
  ) throws(ViewError) -> Span<Element> {
    let stride = MemoryLayout<Element>.stride
    let (length, overflow) = count.multipliedReportingOverflow(by: stride)
    guard byteOffset >= 0, count >= 0, !overflow, byteOffset <= byteCount,
      length <= byteCount - byteOffset
    else {
      throw .outOfBounds(
        byteOffset: byteOffset, count: count, stride: stride, available: byteCount)
    }
    let alignment = MemoryLayout<Element>.alignment
    let address = unsafe withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    guard (address + UInt(byteOffset)).isMultiple(of: UInt(alignment)) else {
      throw .misaligned(byteOffset: byteOffset, alignment: alignment)
    }
    return Span<Element>(_bytes: extracting(byteOffset..<byteOffset + length))
  }
}

extension MutableSpan where Element: BitwiseCopyable {
  /// The elements in `range`, to be written through.
  ///
  /// The standard library's own name for this begins with an underscore until it is settled.
  @_lifetime(&self)
  public mutating func part(_ range: Range<Int>) -> MutableSpan<Element> {
    _mutatingExtracting(range)
  }
}

extension Array where Element: BitwiseCopyable & ExpressibleByIntegerLiteral {
  /// Gives a buffer that is reused the length of its next content, which overwrites it.
  public mutating func resize(to count: Int) {
    if self.count != count { self = Array(repeating: 0, count: count) }
  }
}
