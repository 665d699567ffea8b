/// Why a frame was refused.
public enum ZstdError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It does not begin as a frame of such content does.
  case header(contentByteCount: Int)
  /// It ends before its bytes do.
  case trailing(frame: Int, available: Int)
  /// It is not a frame, or its checksum disagrees; the reason is in zstd's words.
  case malformed(reason: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .header(let count):
      "it does not begin with the header of a zstd frame for \(count) bytes of content"
    case .trailing(let frame, let available):
      "the zstd frame has \(frame) bytes, expected \(available)"
    case .malformed(let reason):
      "zstd cannot decompress it: \(reason)"
    }
  }
}
