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
      "it lists \(count) frames, more than fit into the file's \(byteCount) bytes"
    case .frameLength(let index, let compressed, let content):
      "frame \(index) has \(compressed) bytes for \(content) bytes of content, expected 1 to "
        + "\(ZstdFrame.contentByteLimit) bytes of content and no more than zstd compresses them to"
    case .total(let expected, let found):
      "its frames add up to \(found) bytes, expected \(expected)"
    case .notCanonical(let offset):
      "byte \(offset) does not have the value that the format requires"
    }
  }
}
