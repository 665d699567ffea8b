import Crypto
public import FileAccess

/// A digest under which a file is known: SHA-256 of its bytes, or git's name of it as a blob.
public enum ContentDigest: Hashable, Sendable, CustomStringConvertible {
  /// SHA-256 of the bytes.
  case sha256(Digest)
  /// SHA-1 of `blob SIZE\0` and the bytes: how git, and the hub for small files, names content.
  case gitBlob(String)

  /// A digest from 64 or 40 lower-case hexadecimal digits; nil for anything else.
  public init?(hexadecimal text: String) {
    if let digest = Digest(hexadecimal: text) {
      self = .sha256(digest)
    } else if text.utf8.count == 40,
      text.utf8.allSatisfy({ byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      })
    {
      self = .gitBlob(text)
    } else {
      return nil
    }
  }

  /// The hexadecimal digits.
  public var description: String {
    switch self {
    case .sha256(let digest): digest.description
    case .gitBlob(let text): text
    }
  }

  /// Both digests of a file, which is read once.
  ///
  /// - Parameter advance: called with each run of bytes done; false stops, and nil is returned.
  /// - Throws: ``FileError`` where the file cannot be read to its end.
  public static func both(
    of file: InputFile, advance: (_ byteCount: Int) -> Bool
  ) throws(FileError) -> (sha256: Digest, gitBlob: String)? {
    var sha256 = SHA256()
    var sha1 = Insecure.SHA1()
    sha1.update(data: Array("blob \(file.byteCount)\0".utf8))
    var buffer = [UInt8](repeating: 0, count: min(file.byteCount, 1 << 20))
    for start in stride(from: 0, to: file.byteCount, by: max(1, buffer.count)) {
      let count = min(buffer.count, file.byteCount - start)
      var span = buffer.mutableSpan
      var part = span.part(0..<count)
      try file.read(at: start, into: &part)
      sha256.update(data: buffer[..<count])
      sha1.update(data: buffer[..<count])
      guard advance(count) else { return nil }
    }
    let name = sha1.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return (Digest(Array(sha256.finalize())), name)
  }
}
