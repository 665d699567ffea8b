import Codecs
import PackFormat

/// A file of a pack as a member of an archive.
public struct ArchiveMember: Equatable, Sendable {
  /// Its name in the pack.
  public let name: String
  /// Its length, there.
  public let byteCount: Int
  /// Whether the bytes of its 16-bit values are separated.
  public let isSplit: Bool
  /// The headers before it.
  let header: TarHeader
  /// What its frames hold.
  let pieces: [Piece]

  /// The member that a file becomes.
  ///
  /// - Parameters:
  ///   - header: what says the file's name and length.
  ///   - manifest: of the pack, which says where a segment is split; nil of the manifest itself.
  init(_ header: TarHeader, of manifest: Manifest?) {
    self.header = header
    name = header.name
    byteCount = header.byteCount
    isSplit = header.isSplit
    let segment = manifest?.layout.segments.first { $0.fileName == header.name }
    pieces =
      if header.isSplit, let segment {
        Piece.pieces(ofSplit: segment)
      } else {
        Piece.pieces(ofFile: header.byteCount)
      }
  }

  /// The bytes that a piece's frame holds: the last one pads the file to whole blocks.
  func contentByteCount(ofPiece index: Int) -> Int {
    pieces[index].range.count + (index == pieces.count - 1 ? header.paddingByteCount : 0)
  }

  /// A file that archives of version 1 may have: it is git's, and is left out now.
  static let formerCompanion = ".gitattributes"

  /// Whether a file of this name may be there without the manifest's word.
  static func isCompanion(_ name: String) -> Bool {
    PackFileNames.companions.contains(name) || name == formerCompanion
  }

  /// What ends an archive, after its members.
  static let end = [UInt8](repeating: 0, count: 2 * TarHeader.blockByteCount)

  /// Whether one member may follow another: the manifest first, then by the bytes of the names.
  static func isOrdered(_ first: String, _ second: String) -> Bool {
    guard second != PackConstants.manifestName else { return false }
    return first == PackConstants.manifestName
      || first.utf8.lexicographicallyPrecedes(second.utf8)
  }
}
