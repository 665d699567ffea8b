import Tensors

/// Why a member's headers were refused.
public enum TarHeaderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not whole blocks, or more than a member's headers take.
  case length(byteCount: Int)
  /// The sum of a header's bytes is not what it says.
  case checksum
  /// A link, a device, a directory, or an extension that archives do not have.
  case type(path: String, found: UInt8)
  /// A size that is not a number.
  case size(path: String, found: String)
  /// A path that is not a folder and the name of a pack's file.
  case path(String)
  /// Anything else that is not written so: an owner, a time, a mode, a record.
  case notCanonical(path: String, byteOffset: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .length(let count):
      "a member's headers have \(count) bytes, expected a multiple of \(TarHeader.blockByteCount), at "
        + "most \(TarHeader.byteLimit)"
    case .checksum:
      "the checksum in a tar header does not match its bytes"
    case .type(let path, let found):
      "\(path.quoted) is \(Self.kind(found)), expected a regular file"
    case .size(let path, let found):
      "\(path.quoted) has the size \(found.quoted), expected a number"
    case .path(let path):
      "\(path.quoted) is not a folder followed by the name of a pack's file"
    case .notCanonical(let path, let offset):
      "byte \(offset) of the headers of \(path.quoted) is wrong: they may hold only the name, the "
        + "size, mode 0644, and zero for owner and time"
    }
  }

  private static func kind(_ type: UInt8) -> String {
    switch type {
    case UInt8(ascii: "1"): "a hard link"
    case UInt8(ascii: "2"): "a symbolic link"
    case UInt8(ascii: "3"), UInt8(ascii: "4"): "a device"
    case UInt8(ascii: "5"): "a directory"
    case UInt8(ascii: "6"): "a fifo"
    case UInt8(ascii: "S"): "a sparse file"
    default: "of the type 0x\(String(type, radix: 16))"
    }
  }
}
