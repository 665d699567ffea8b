import CMuninnZlib
import Crypto

/// SHA-256 of bytes as they come.
public struct SHA256Hasher: Sendable {
  private var hasher = SHA256()

  /// A hasher that has seen nothing.
  public init() {}

  /// Takes the next bytes.
  public mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
  }

  /// The digest of all bytes seen.
  public func finalized() -> Digest {
    Digest(Array(hasher.finalize()))
  }
}

/// SHA-1, with which git names content; it protects against accidents, not against forgery.
struct SHA1Hasher {
  private var hasher = Insecure.SHA1()

  mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
  }

  /// The 40 lower-case hexadecimal digits.
  func finalized() -> String {
    hasher.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension Digest {
  /// The SHA-256 of `bytes`.
  public init(of bytes: RawSpan) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finalized()
  }
}

/// The CRC-32 of zlib (polynomial 0xEDB88320, RFC 1952 §8) of `bytes`.
public func crc32(of bytes: RawSpan) -> UInt32 {
  unsafe bytes.withUnsafeBytes { buffer in
    let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
    return UInt32(truncatingIfNeeded: unsafe crc32(0, start, uInt(buffer.count)))
  }
}
