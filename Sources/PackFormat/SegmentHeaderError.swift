/// What is wrong with a segment's header page.
public enum SegmentHeaderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file ends inside the page.
  case truncated(byteCount: Int)
  /// A field is not what the manifest makes it.
  case field(SegmentHeader.Field, expected: [UInt8], found: [UInt8])
  /// A byte after the fields is not zero.
  case notZero(byteOffset: Int, found: UInt8)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .truncated(let count):
      "the header page has \(count) bytes, expected \(SegmentHeader.byteCount)"
    case .field(let field, let expected, let found):
      "the \(field.name) at byte \(field.offset) is \(Self.hexadecimal(found)), "
        + "expected \(Self.hexadecimal(expected))"
    case .notZero(let offset, let found):
      "byte \(offset) of the header page is 0x\(Self.hexadecimal([found])), expected zero"
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
