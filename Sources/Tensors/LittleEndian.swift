/// Integers as every file format here has them: the least significant byte first.
extension FixedWidthInteger {
  /// The bytes of the integer.
  package var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
  }

  /// The integer with these bytes.
  package init(littleEndianBytes bytes: some Collection<UInt8>) {
    precondition(bytes.count == Self.bitWidth / 8, "\(bytes.count) bytes for \(Self.self)")
    self = bytes.reversed().reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }
}
