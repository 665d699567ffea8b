/// A file that is being written, in which each name has its place.
public struct PlacedOutput: Sendable {
  private let output: OutputFile
  private let places: [String: Range<Int>]

  /// - Parameters:
  ///   - output: the file.
  ///   - places: the bytes of the file that each name owns.
  public init(_ output: OutputFile, places: [String: Range<Int>]) {
    self.output = output
    self.places = places
  }

  /// Writes bytes in the place of a name, from `offset` within it; from any thread.
  ///
  /// - Throws: ``FileError``.
  public func write(
    _ bytes: RawSpan, of name: String, at offset: Int = 0
  ) throws(FileError) {
    guard let place = places[name], offset >= 0, offset <= place.count,
      bytes.byteCount <= place.count - offset
    else { preconditionFailure("the bytes leave the place of \(name)") }
    try output.write(bytes, at: place.lowerBound + offset)
  }
}
