import Codecs

/// What is wrong with the table at the end of an archive.
public enum FrameTableError: Error, Equatable, Sendable, CustomStringConvertible {
  /// More frames than the file has room for, or a seek table.
  case frameCount(Int, byteCount: Int)
  /// A frame that is empty, too long, or longer than zstd makes it.
  case frameLength(index: Int, compressed: Int, content: Int)
  /// The frames do not reach from the start of the file to the table.
  case total(expected: Int, found: Int)
  /// A byte of the table's frame that has another value than it must have.
  case notCanonical(byteOffset: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .frameCount(let count, let byteCount):
      "it lists \(count) frames, for which \(byteCount) bytes have no room"
    case .frameLength(let index, let compressed, let content):
      "it gives frame \(index) \(compressed) bytes for \(content) of content, expected 1 to "
        + "\(ZstdFrame.contentByteLimit) and no more than zstd makes of them"
    case .total(let expected, let found):
      "its frames take \(found) bytes, expected the \(expected) before it"
    case .notCanonical(let offset):
      "byte \(offset) is not what it must be"
    }
  }
}
