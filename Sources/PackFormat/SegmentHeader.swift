import FileAccess
public import HuginnModel
public import Integrity
import Tensors

/// The 4096-byte page at the start of a segment file.
public struct SegmentHeader: Equatable, Sendable {
  /// The length of the page.
  public static let byteCount = 4096
  /// 0x89 "MUNIN" CR LF: a transfer in text mode shows.
  public static let magic: [UInt8] = [0x89, 0x4D, 0x55, 0x4E, 0x49, 0x4E, 0x0D, 0x0A]

  /// A field of the page, as `formats/pack.md` lists it.
  public struct Field: Equatable, Sendable {
    /// Its first byte.
    public let offset: Int
    /// Its length in bytes.
    public let size: Int
    /// What it is called.
    public let name: String
  }

  /// The fields in order; the rest of the page is zero.
  public static let fields = [
    Field(offset: 0, size: 8, name: "magic"),
    Field(offset: 8, size: 4, name: "format version"),
    Field(offset: 12, size: 4, name: "header length"),
    Field(offset: 16, size: 16, name: "segment name"),
    Field(offset: 32, size: 8, name: "file length"),
    Field(offset: 40, size: 32, name: "pack identity"),
    Field(offset: 72, size: 4, name: "CRC-32"),
  ]

  /// The segment's stage.
  public let stage: Stage
  /// The length of the file.
  public let fileLength: Int
  /// The same in all segments of a pack.
  public let identity: Digest

  /// A header.
  public init(stage: Stage, fileLength: Int, identity: Digest) {
    self.stage = stage
    self.fileLength = fileLength
    self.identity = identity
  }

  /// The header of a segment of a pack.
  init(of segment: SegmentLayout, identity: Digest) {
    self.init(stage: segment.stage, fileLength: segment.byteCount, identity: identity)
  }

  /// The page as it is written.
  public var page: [UInt8] {
    var bytes = Self.magic
    bytes += UInt32(PackConstants.version).littleEndianBytes
    bytes += UInt32(Self.byteCount).littleEndianBytes
    let name = Array(stage.rawValue.utf8)
    bytes += name + [UInt8](repeating: 0, count: 16 - name.count)
    bytes += UInt64(fileLength).littleEndianBytes
    bytes += identity.bytes
    bytes += crc32(of: bytes.span.rawBytes).littleEndianBytes
    return bytes + [UInt8](repeating: 0, count: Self.byteCount - bytes.count)
  }

  /// Checks a page field by field against what it must be.
  ///
  /// - Parameter page: the first bytes of the file.
  /// - Throws: ``SegmentHeaderError`` for the first field that differs.
  public func check(_ page: RawSpan) throws(SegmentHeaderError) {
    guard page.byteCount >= Self.byteCount else { throw .truncated(byteCount: page.byteCount) }
    var found: [UInt8] = []
    page.extracting(0..<Self.byteCount).append(to: &found)
    let expected = self.page
    for field in Self.fields {
      let range = field.offset..<field.offset + field.size
      guard found[range] == expected[range] else {
        throw .field(field, expected: Array(expected[range]), found: Array(found[range]))
      }
    }
    if let offset = found.indices.first(where: { found[$0] != expected[$0] }) {
      throw .notZero(byteOffset: offset, found: found[offset])
    }
  }
}
