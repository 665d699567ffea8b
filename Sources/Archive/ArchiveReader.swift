import FileAccess
public import PackFormat
import Tensors

/// An archive whose table, members and manifest were read and agree with each other.
///
/// Nothing else was: what the files hold is checked when they are restored. Positioned reads, so that
/// one file is restored without the others.
public struct ArchiveReader: Sendable {
  /// Where it is.
  public let path: String
  /// The folder of its members: the name that the pack had.
  public let folder: String
  /// The manifest of the pack.
  public let manifest: Manifest
  /// The pack's files, in their order.
  public let members: [ArchiveMember]
  /// The frames, and where each member's content begins among them.
  let reader: FrameReader
  let firstFrames: [Int]

  /// Opens an archive.
  ///
  /// - Throws: ``ArchiveError``.
  public init(path: String) throws(ArchiveError) {
    let file = try ArchiveError.wrapping(InputFile(path: path))
    let reader = FrameReader(file: file, table: try FrameTable(readingEndOf: file))
    var scan = MemberScan(reader)
    let manifest = try scan.readManifest()
    while try scan.readMember(of: manifest) {}
    try scan.checkComplete(manifest)
    self.path = path
    self.reader = reader
    self.manifest = manifest
    folder = scan.members[0].header.folder
    members = scan.members
    firstFrames = scan.firstFrames
  }

  /// The bytes of all files.
  public var byteCount: Int { members.reduce(0) { $0 + $1.byteCount } }

  /// The bytes of the archive.
  public var archiveByteCount: Int { reader.file.byteCount }

  /// The bytes of the frames of a file's content.
  public func archivedByteCount(of member: ArchiveMember) -> Int {
    guard let index = members.firstIndex(of: member) else { return 0 }
    return reader.table.frames[firstFrames[index]...].prefix(member.pieces.count)
      .reduce(0) { $0 + $1.compressedByteCount }
  }

  /// The member of a file, by its name or a segment's stage.
  ///
  /// - Throws: ``ArchiveError/noFile(path:name:names:)``.
  public func member(_ name: String) throws(ArchiveError) -> ArchiveMember {
    guard let member = members.first(where: { $0.name == name || $0.name == "\(name).seg" }) else {
      throw .noFile(path: path, name: name, names: members.map(\.name))
    }
    return member
  }
}

/// Walks through the frames from member to member, reading none but their headers.
private struct MemberScan {
  private let reader: FrameReader
  private var next = 0
  private var buffer = FrameReader.Buffer()
  private(set) var members: [ArchiveMember] = []
  private(set) var firstFrames: [Int] = []

  init(_ reader: FrameReader) {
    self.reader = reader
  }

  private var path: String { reader.file.path }

  /// Reads the first member, which says what the others are.
  mutating func readManifest() throws(ArchiveError) -> Manifest {
    guard let header = try nextHeader(), header.name == PackConstants.manifestName, !header.isSplit
    else { throw .contents(path: path, .manifest(byteCount: nil, limit: 0)) }
    let proportion = reader.table.proportion
    guard proportion.allowsManifest(of: header.byteCount) else {
      let limit = min(PackConstants.manifestByteLimit, proportion.limit)
      throw .contents(path: path, .manifest(byteCount: header.byteCount, limit: limit))
    }
    let member = ArchiveMember(header, of: nil)
    let first = next
    try add(member)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(header.byteCount + TarHeader.blockByteCount)
    for index in first..<next {
      try reader.read(index, in: &buffer)
      buffer.content.bytes.append(to: &bytes)
    }
    guard bytes[header.byteCount...].allSatisfy({ $0 == 0 }) else {
      throw .contents(path: path, .padding(name: header.name))
    }
    bytes.removeLast(bytes.count - header.byteCount)
    do throws(ManifestError) {
      return try Manifest(parsing: bytes)
    } catch {
      throw .manifest(path: path, error)
    }
  }

  /// Passes over the next member; false at the end of the archive.
  mutating func readMember(of manifest: Manifest) throws(ArchiveError) -> Bool {
    guard let header = try nextHeader() else { return false }
    let first = members[0]
    guard header.folder == first.header.folder else {
      throw .contents(
        path: path, .folder(found: header.folder, expected: first.header.folder))
    }
    if let last = members.last, !ArchiveMember.isOrdered(last.name, header.name) {
      throw .contents(path: path, .order(name: header.name))
    }
    let segment = manifest.layout.segments.first { $0.fileName == header.name }
    let sidecar = manifest.sidecars.first { $0.name == header.name }
    guard segment != nil || sidecar != nil || ArchiveMember.isCompanion(header.name) else {
      throw .contents(path: path, .unexpected(name: header.name))
    }
    if let expected = segment?.byteCount ?? sidecar?.byteCount, expected != header.byteCount {
      throw .contents(
        path: path, .byteCount(name: header.name, expected: expected, found: header.byteCount))
    }
    guard !header.isSplit || segment?.hasWords == true else {
      throw .contents(path: path, .notSplit(name: header.name))
    }
    let proportion = reader.table.proportion
    guard segment != nil || sidecar != nil || proportion.allows(header.byteCount) else {
      throw .contents(path: path, proportion.refusal(of: header.name, header.byteCount))
    }
    // Before anything is allocated for its pieces, the frames must have room for them.
    guard Piece.count(ofFile: header.byteCount) <= reader.table.frames.count else {
      throw .contents(path: path, .frames(name: header.name))
    }
    try add(ArchiveMember(header, of: manifest))
    return true
  }

  /// Checks that no file of the pack is missing.
  func checkComplete(_ manifest: Manifest) throws(ArchiveError) {
    let names = Set(members.map(\.name))
    for name in PackFileNames.segments + manifest.sidecars.map(\.name) where !names.contains(name) {
      throw .contents(path: path, .missing(name: name))
    }
  }

  /// The header in the next frame; nil if the archive ends with it.
  private mutating func nextHeader() throws(ArchiveError) -> TarHeader? {
    let frames = reader.table.frames
    guard next < frames.count, frames[next].contentByteCount <= TarHeader.byteLimit else {
      throw .contents(path: path, .end)
    }
    try reader.read(next, in: &buffer)
    next += 1
    let end = ArchiveMember.end
    if buffer.content.bytes.isEqual(to: end.span.rawBytes) {
      guard next == frames.count else { throw .contents(path: path, .end) }
      return nil
    }
    var bytes: [UInt8] = []
    buffer.content.bytes.append(to: &bytes)
    do throws(TarHeaderError) {
      return try TarHeader(parsing: bytes)
    } catch {
      throw .header(path: path, byteOffset: frames[next - 1].byteOffset, error)
    }
  }

  /// Passes over a member's content, whose frames must cut it as they are written.
  private mutating func add(_ member: ArchiveMember) throws(ArchiveError) {
    let frames = reader.table.frames[next...]
    let counts = member.pieces.indices.map { member.contentByteCount(ofPiece: $0) }
    guard frames.prefix(counts.count).map(\.contentByteCount) == counts else {
      throw .contents(path: path, .frames(name: member.name))
    }
    members.append(member)
    firstFrames.append(next)
    next += counts.count
  }
}
