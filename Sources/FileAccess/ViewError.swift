/// Why a view into mapped bytes was refused.
public enum ViewError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The view leaves the bytes.
  case outOfBounds(byteOffset: Int, count: Int, stride: Int, available: Int)
  /// The address is not a multiple of the element's alignment.
  case misaligned(byteOffset: Int, alignment: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .outOfBounds(let offset, let count, let stride, let available):
      "\(count) elements of \(stride) bytes at byte \(offset) exceed the \(available) bytes available"
    case .misaligned(let offset, let alignment):
      "byte \(offset) is not aligned to \(alignment)"
    }
  }
}
