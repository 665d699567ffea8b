import Archive
import Codecs
import FileAccess
import Integrity

/// Archives put together from what their frames are to hold: behind checksums, a change to the bytes
/// of an archive reaches nothing.
///
/// An input is a list of contents, each behind its length in two bytes, the lower one first.
enum ArchiveAssembly {
  /// The archive of the contents that an input lists.
  static func file(ofContents input: [UInt8]) -> [UInt8] {
    let compressor = ZstdCompressor()
    var table = FrameTable()
    var file: [UInt8] = []
    var rest = input[...]
    while rest.count > 2 {
      let count = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
      let content = Array(rest.dropFirst(2).prefix(max(1, count)))
      rest = rest.dropFirst(2 + content.count)
      var frame = [UInt8](
        repeating: 0, count: ZstdFrame.byteLimit(contentByteCount: content.count))
      var output = frame.mutableSpan
      let length = compressor.compress(content.span.rawBytes, .level(1), into: &output)
      frame.removeLast(frame.count - length)
      table.append(
        FrameTable.Frame(
          compressedByteCount: length, contentByteCount: content.count,
          crc: crc32(of: frame.span.rawBytes)))
      file += frame
    }
    return file + table.trailer
  }

  /// The input that lists contents, of which none is longer than two bytes can say.
  static func input(_ contents: [[UInt8]]) -> [UInt8] {
    contents.flatMap { content in
      let content = content.prefix(0xFFFF)
      return [UInt8(content.count & 0xFF), UInt8(content.count >> 8)] + content
    }
  }

  /// What the frames of an archive hold.
  static func contents(ofArchive path: String) throws -> [[UInt8]] {
    let file = try InputFile(path: path)
    let reader = FrameReader(file: file, table: try FrameTable(readingEndOf: file))
    var buffer = FrameReader.Buffer()
    return try reader.table.frames.indices.map { index in
      try reader.read(index, in: &buffer)
      var bytes: [UInt8] = []
      buffer.content.bytes.append(to: &bytes)
      return bytes
    }
  }
}
