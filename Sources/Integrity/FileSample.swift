public import FileAccess

/// A file's length and the digest of a part of it: what tells files apart without reading them whole.
///
/// No proof against somebody who means to deceive.
public struct FileSample: Equatable, Sendable {
  /// A file of at most this many bytes is sampled whole.
  package static let wholeLimit = 196_608
  /// Else three windows of this many bytes are.
  package static let windowByteCount = 65_536

  /// The length of the file.
  public let byteCount: Int
  /// The SHA-256 of the bytes that were read.
  public let digest: Digest

  /// A sample that was taken before.
  public init(byteCount: Int, digest: Digest) {
    self.byteCount = byteCount
    self.digest = digest
  }

  /// Reads the sample: the whole file if it is small, else its beginning, middle and end.
  ///
  /// - Throws: `FileError` where it cannot be read.
  public init(of file: InputFile) throws(FileError) {
    let count = file.byteCount
    let window = Self.windowByteCount
    let ranges =
      count <= Self.wholeLimit
      ? [0..<count]
      : [0, count / 2 - window / 2, count - window].map { $0..<$0 + window }
    self.init(byteCount: count, digest: try Digest(of: file, ranges: ranges))
  }
}
