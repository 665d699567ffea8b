/// Why a size that came from a file cannot be.
public enum SizeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The product or sum does not fit 64 bits.
  case overflow
  /// Packed elements end inside a byte.
  case partialByte(bits: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .overflow: "the size overflows 64 bits"
    case .partialByte(let bits): "\(bits) bits of packed elements end inside a byte"
    }
  }
}
