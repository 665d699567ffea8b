public import FileAccess

extension Digest {
  /// The SHA-256 of ranges of a file as one sequence of bytes, read into one bounded buffer; nil
  /// where `advance` stopped it.
  ///
  /// - Parameters:
  ///   - file: what to read.
  ///   - ranges: in the order in which they are hashed.
  ///   - advance: called with each run of bytes done; false stops.
  /// - Throws: ``FileError`` where the file cannot be read to the end of the ranges.
  public init?(
    of file: InputFile, ranges: [Range<Int>], advance: (_ byteCount: Int) -> Bool
  ) throws(FileError) {
    var hasher = SHA256Hasher()
    var buffer = [UInt8](repeating: 0, count: min(ranges.map(\.count).max() ?? 0, 1 << 20))
    for range in ranges {
      var offset = range.lowerBound
      while offset < range.upperBound {
        let count = min(buffer.count, range.upperBound - offset)
        var span = buffer.mutableSpan
        var part = span.part(0..<count)
        try file.read(at: offset, into: &part)
        hasher.update(buffer.span.extracting(0..<count).rawBytes)
        offset += count
        guard advance(count) else { return nil }
      }
    }
    self = hasher.finalized()
  }
}

extension Digest {
  /// The SHA-256 of ranges of a file as one sequence of bytes.
  ///
  /// - Throws: ``FileError`` where the file cannot be read to the end of the ranges.
  public init(of file: InputFile, ranges: [Range<Int>]) throws(FileError) {
    guard let digest = try Digest(of: file, ranges: ranges, advance: { _ in true }) else {
      preconditionFailure("nothing stops this")
    }
    self = digest
  }
}
