public import FileAccess

extension Digest {
  /// The SHA-256 of ranges of a file as one sequence of bytes, read through bounded buffers; nil if
  /// `advance` stopped it.
  ///
  /// - Parameters:
  ///   - file: what to read.
  ///   - ranges: in the order in which they are hashed.
  ///   - advance: called with each run of bytes done; false stops.
  /// - Throws: ``FileError`` if the file cannot be read to the end of the ranges.
  public init?(
    of file: InputFile, ranges: [Range<Int>], advance: (_ byteCount: Int) -> Bool
  ) throws(FileError) {
    var hasher = SHA256Hasher()
    for range in ranges {
      let isComplete = try file.forEachRun(in: range) { bytes, _ throws(FileError) in
        hasher.update(bytes)
        return advance(bytes.byteCount)
      }
      guard isComplete else { return nil }
    }
    self = hasher.finalized()
  }
}

extension Digest {
  /// The SHA-256 of ranges of a file as one sequence of bytes.
  ///
  /// - Throws: ``FileError`` if the file cannot be read to the end of the ranges.
  public init(of file: InputFile, ranges: [Range<Int>]) throws(FileError) {
    guard let digest = try Digest(of: file, ranges: ranges, advance: { _ in true }) else {
      preconditionFailure("nothing stops this")
    }
    self = digest
  }
}
