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
  /// - Parameters:
  ///   - file: what to read.
  ///   - advance: called with each run of bytes done; false stops.
  /// - Returns: the digests, or nil if `advance` stopped it.
  /// - Throws: ``FileError`` if the file cannot be read to its end.
  public static func both(
    of file: InputFile, advance: (_ byteCount: Int) -> Bool
  ) throws(FileError) -> (sha256: Digest, gitBlob: String)? {
    var sha256 = SHA256Hasher()
    var gitBlob = SHA1Hasher()
    gitBlob.update(Array("blob \(file.byteCount)\0".utf8).span.rawBytes)
    let isComplete = try file.forEachRun(in: 0..<file.byteCount) { bytes, _ throws(FileError) in
      sha256.update(bytes)
      gitBlob.update(bytes)
      return advance(bytes.byteCount)
    }
    return isComplete ? (sha256.finalized(), gitBlob.finalized()) : nil
  }
}
