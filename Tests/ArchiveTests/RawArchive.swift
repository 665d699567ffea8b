import Codecs
import FileAccess
import Integrity
import TestSupport

@testable import Archive

/// The frames of an archive, to be changed and put together again, with whatever they then hold.
struct RawArchive {
  /// What each frame holds.
  var contents: [[UInt8]]

  /// The frames of a file.
  init(path: String) throws {
    let file = try InputFile(path: path)
    let reader = FrameReader(file: file, table: try FrameTable(readingEndOf: file))
    var buffer = FrameReader.Buffer()
    contents = try reader.table.frames.indices.map { index in
      try reader.read(index, in: &buffer)
      var bytes: [UInt8] = []
      buffer.content.bytes.append(to: &bytes)
      return bytes
    }
  }

  /// These contents.
  init(_ contents: [[UInt8]]) {
    self.contents = contents
  }

  /// The file.
  var bytes: [UInt8] { Self.file(contents.map { ($0.count, Self.frame(of: $0)) }) }

  /// A file of frames that say they hold so much.
  static func file(_ frames: [(contentByteCount: Int, bytes: [UInt8])]) -> [UInt8] {
    var table = FrameTable()
    for frame in frames {
      table.append(
        FrameTable.Frame(
          compressedByteCount: frame.bytes.count, contentByteCount: frame.contentByteCount,
          crc: crc32(of: frame.bytes.span.rawBytes)))
    }
    return frames.flatMap(\.bytes) + table.trailer
  }

  /// A frame as archives have them.
  static func frame(of content: [UInt8]) -> [UInt8] {
    let limit = ZstdFrame.byteLimit(contentByteCount: content.count)
    var frame = [UInt8](repeating: 0, count: limit)
    var output = frame.mutableSpan
    let count = ZstdCompressor().compress(content.span.rawBytes, .level(1), into: &output)
    return Array(frame.prefix(count))
  }

  /// The index of the frame with the headers of a member.
  func header(of name: String) throws -> Int {
    for (index, content) in contents.enumerated() {
      if let header = try? TarHeader(parsing: content), header.name == name { return index }
    }
    throw FileError.notFound(path: name)
  }
}
