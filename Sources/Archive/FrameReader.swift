import Codecs
package import FileAccess
import Integrity

/// Reads single frames of an archive, from any number of threads.
package struct FrameReader: Sendable {
  /// The archive.
  let file: InputFile
  /// Where the frames lie.
  package let table: FrameTable

  /// A reader of frames that a table lists.
  package init(file: InputFile, table: FrameTable) {
    self.file = file
    self.table = table
  }

  /// What a frame is read and decompressed in.
  package struct Buffer: Sendable {
    /// What the frame holds.
    package private(set) var content = ByteBuffer()
    private var frame = ByteBuffer()
    private let decompressor = ZstdDecompressor()

    /// A buffer of nothing.
    package init() {}

    fileprivate mutating func fill(
      with entry: FrameTable.Frame, of file: InputFile
    ) throws(ArchiveError) {
      frame.resize(to: entry.compressedByteCount)
      content.resize(to: entry.contentByteCount)
      try ArchiveError.wrapping { () throws(FileError) in
        var bytes = frame.mutableSpan
        try file.read(at: entry.byteOffset, into: &bytes)
      }
      let found = crc32(of: frame.bytes)
      guard found == entry.crc else {
        throw .frame(
          path: file.path, byteOffset: entry.byteOffset, .crc(expected: entry.crc, found: found))
      }
      do throws(ZstdError) {
        let (frame, decompressor) = (frame, decompressor)
        var output = content.mutableSpan
        try decompressor.decompress(frame.bytes, into: &output)
      } catch {
        throw .frame(path: file.path, byteOffset: entry.byteOffset, .zstd(error))
      }
    }
  }

  /// Reads and decompresses a frame.
  ///
  /// - Throws: ``ArchiveError``.
  package func read(_ index: Int, in buffer: inout Buffer) throws(ArchiveError) {
    try buffer.fill(with: table.frames[index], of: file)
  }
}
