public import Codecs

/// What is wrong with a frame of an archive.
public enum FrameError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Its bytes have another CRC-32 than was written down.
  case crc(expected: UInt32, found: UInt32)
  /// It is no zstd frame of that content.
  case zstd(ZstdError)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .crc(let expected, let found):
      "its CRC-32 is 0x\(String(found, radix: 16)), expected 0x\(String(expected, radix: 16))"
    case .zstd(let error):
      error.description
    }
  }
}
