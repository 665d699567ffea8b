public import FileAccess

/// A file's length and the digest of a part of it: what tells files apart without reading them whole.
///
/// No proof against somebody who means to deceive.
public struct FileSample: Equatable, Sendable {
  /// The length of the file.
  public let byteCount: Int
  /// The SHA-256 of the bytes that were read.
  public let digest: Digest

  /// A sample that was taken before.
  public init(byteCount: Int, digest: Digest) {
    self.byteCount = byteCount
    self.digest = digest
  }

  /// Reads the sample: windows of a file, spread evenly from its beginning to its end, or the whole
  /// of one that they would cover.
  ///
  /// - Parameters:
  ///   - file: what to read.
  ///   - windowCount: how many windows, at least two.
  ///   - windowByteCount: the bytes of each.
  /// - Throws: `FileError` if it cannot be read.
  public init(
    of file: InputFile, windows windowCount: Int, of windowByteCount: Int
  ) throws(FileError) {
    let ranges = Self.ranges(in: file.byteCount, windowCount, windowByteCount)
    self.init(byteCount: file.byteCount, digest: try Digest(of: file, ranges: ranges))
  }

  /// Window i of n begins at `(byteCount − window) · i / (n − 1)`, rounded down.
  static func ranges(
    in byteCount: Int, _ windowCount: Int, _ windowByteCount: Int
  ) -> [Range<Int>] {
    precondition(windowCount > 1)
    guard byteCount > windowCount * windowByteCount else { return [0..<byteCount] }
    let (step, rest) = (byteCount - windowByteCount).quotientAndRemainder(
      dividingBy: windowCount - 1)
    return (0..<windowCount).map { index in
      let start = step * index + rest * index / (windowCount - 1)
      return start..<start + windowByteCount
    }
  }
}
