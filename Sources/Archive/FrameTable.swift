import Codecs
package import FileAccess
import Integrity
import Tensors

/// The positions, content lengths and CRC-32s of an archive's frames, which are stored at its end.
///
/// Two skippable frames, which zstd passes over: the checks, and then the seek table of zstd's
/// seekable format 0.1.0, so that readers of that format find it in its place. That format requires
/// every byte before its table to be listed: the checks are the table's last entry, without
/// content.
package struct FrameTable: Equatable, Sendable {
  /// One frame of compressed bytes.
  package struct Frame: Equatable, Sendable {
    /// Its first byte, from the start of the archive.
    package fileprivate(set) var byteOffset = 0
    /// The bytes that it takes.
    package let compressedByteCount: Int
    /// The bytes that it holds.
    package let contentByteCount: Int
    /// The CRC-32 of the bytes that it takes: zstd itself overlooks changes to bits that it does not
    /// use.
    package let crc: UInt32

    /// A frame that has no place yet.
    package init(compressedByteCount: Int, contentByteCount: Int, crc: UInt32) {
      self.compressedByteCount = compressedByteCount
      self.contentByteCount = contentByteCount
      self.crc = crc
    }
  }

  /// The most frames that a seek table may list, the checks among them.
  static let frameLimit = 0x800_0000
  /// What the checks begin with, after their frame's header.
  static let identifier = Array("MUNINNAR".utf8)
  /// The version of the archives that are written.
  static let version: UInt32 = 2
  /// The versions of those that are read: the first one's table does not list the checks.
  static let versions: ClosedRange<UInt32> = 1...version

  private static let checksMagic: UInt32 = 0x184D_2A50
  private static let tableMagic: UInt32 = 0x184D_2A5E
  private static let footerMagic: UInt32 = 0x8F92_EAB1
  private static let frameHeaderByteCount = 8
  private static let footerByteCount = 9

  /// The frames in order, without a gap from the start of the archive.
  package private(set) var frames: [Frame] = []

  /// The bytes of all frames.
  var byteCount: Int { frames.last.map { $0.byteOffset + $0.compressedByteCount } ?? 0 }

  /// A table of no frames.
  package init() {}

  /// Adds the frame that follows.
  package mutating func append(_ frame: Frame) {
    var frame = frame
    frame.byteOffset = byteCount
    frames.append(frame)
  }

  /// The bytes that follow the frames.
  package var trailer: [UInt8] { trailer(ofVersion: Self.version) }

  /// The same, as an archive of some version has it.
  func trailer(ofVersion version: UInt32) -> [UInt8] {
    var entries = frames.map { ($0.compressedByteCount, $0.contentByteCount) }
    var crcs = frames.map(\.crc)
    if version > 1 {
      // The checks cannot hold a CRC-32 of themselves; that word is 0.
      crcs.append(0)
      entries.append((Self.checksByteCount(crcs.count), 0))
    }
    return checks(crcs, version) + seekTable(entries)
  }

  /// The number of bytes of the checks for this many frames.
  private static func checksByteCount(_ count: Int) -> Int {
    frameHeaderByteCount + identifier.count + 4 + 4 * count
  }

  private func checks(_ crcs: [UInt32], _ version: UInt32) -> [UInt8] {
    let length = Self.checksByteCount(crcs.count) - Self.frameHeaderByteCount
    return Self.littleEndian([Self.checksMagic, UInt32(length)]) + Self.identifier
      + Self.littleEndian([version] + crcs)
  }

  private func seekTable(_ entries: [(Int, Int)]) -> [UInt8] {
    let length = 8 * entries.count + Self.footerByteCount
    return Self.littleEndian([Self.tableMagic, UInt32(length)])
      + Self.littleEndian(entries.flatMap { [UInt32($0.0), UInt32($0.1)] })
      // The descriptor: no checksums, each frame has its own.
      + Self.littleEndian([UInt32(entries.count)]) + [0] + Self.littleEndian([Self.footerMagic])
  }

  private static func littleEndian(_ words: [UInt32]) -> [UInt8] {
    words.flatMap(\.littleEndianBytes)
  }

  private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    UInt32(littleEndianBytes: bytes[offset..<offset + 4])
  }
}

extension FrameTable {
  /// Reads the table at the end of a file, and checks that its frames fill what is before.
  ///
  /// - Throws: ``ArchiveError``. Not more is allocated than the file is long.
  package init(readingEndOf file: InputFile) throws(ArchiveError) {
    let fixed = Self.checksByteCount(0) + Self.frameHeaderByteCount + Self.footerByteCount
    guard file.byteCount >= fixed else { throw .notAnArchive(path: file.path) }
    let footer = try file.bytes(
      at: file.byteCount - Self.footerByteCount, count: Self.footerByteCount)
    guard Self.word(footer, at: 5) == Self.footerMagic else {
      throw .notAnArchive(path: file.path)
    }
    let count = Int(Self.word(footer, at: 0))
    let length = fixed + 12 * count
    guard count <= Self.frameLimit, length <= file.byteCount else {
      throw .table(path: file.path, .frameCount(count, byteCount: file.byteCount))
    }
    let start = file.byteCount - length
    let bytes = try file.bytes(at: start, count: length)
    let crcs = Self.checksByteCount(0)
    let entries = Self.checksByteCount(count) + Self.frameHeaderByteCount
    guard Array(bytes[8..<16]) == Self.identifier else { throw .notAnArchive(path: file.path) }
    let version = Self.word(bytes, at: 16)
    guard Self.versions.contains(version) else {
      throw .version(path: file.path, found: Int(version))
    }
    self.init()
    for index in 0..<(version > 1 ? max(0, count - 1) : count) {
      let frame = Frame(
        compressedByteCount: Int(Self.word(bytes, at: entries + 8 * index)),
        contentByteCount: Int(Self.word(bytes, at: entries + 8 * index + 4)),
        crc: Self.word(bytes, at: crcs + 4 * index))
      guard (1...ZstdFrame.contentByteLimit).contains(frame.contentByteCount),
        (1...ZstdFrame.byteLimit(contentByteCount: frame.contentByteCount)).contains(
          frame.compressedByteCount)
      else {
        throw .table(
          path: file.path,
          .frameLength(
            index: index, compressed: frame.compressedByteCount, content: frame.contentByteCount))
      }
      append(frame)
    }
    guard byteCount == start else {
      throw .table(path: file.path, .total(expected: start, found: byteCount))
    }
    // The two frames' headers, the descriptor and what lists the checks have no other values.
    let written = trailer(ofVersion: version)
    if let offset = bytes.indices.first(where: { bytes[$0] != written[$0] }) {
      throw .table(path: file.path, .notCanonical(byteOffset: start + offset))
    }
  }
}

extension OutputKind {
  /// A file with the ending of an archive.
  static let archive = OutputKind("an archive of a pack") { file throws(FileError) in
    do throws(ArchiveError) {
      _ = try FrameTable(readingEndOf: file)
      return true
    } catch {
      if case .file(let error) = error { throw error }
      return false
    }
  }
}

extension InputFile {
  fileprivate func bytes(at byteOffset: Int, count: Int) throws(ArchiveError) -> [UInt8] {
    try ArchiveError.wrapping(read(at: byteOffset, count: count))
  }
}
