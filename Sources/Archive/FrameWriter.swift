import Codecs
import FileAccess
import Integrity
import PackFormat
import Parallelism

/// The way of the data: file → piece → frame → archive.
struct FrameWriter: Sendable {
  private enum Item {
    case header(ArchiveMember)
    case piece(member: Int, Int)
    case end
  }

  private let members: [ArchiveMember]
  private let files: [InputFile]
  private let output: OutputFile
  private let level: Int
  private let monitor: Monitor
  private let items: [Item]

  /// A writer of members whose contents are `files`, in the same order.
  ///
  /// - Throws: ``ArchiveError/tooManyFrames(count:)``.
  init(
    members: [ArchiveMember], files: [InputFile], output: OutputFile, level: Int,
    monitor: Monitor
  ) throws(ArchiveError) {
    try Self.checkFrameCount(pieces: members.map(\.pieces.count))
    self.members = members
    self.files = files
    self.output = output
    self.level = level
    self.monitor = monitor
    items =
      members.enumerated().flatMap { index, member in
        [.header(member)] + member.pieces.indices.map { .piece(member: index, $0) }
      } + [.end]
  }

  /// Checks that a seek table can list the frames of members with this many pieces.
  ///
  /// - Throws: ``ArchiveError/tooManyFrames(count:)``.
  static func checkFrameCount(pieces: [Int]) throws(ArchiveError) {
    // A header for each member, the end of the tar, and the checks.
    let count = pieces.reduce(pieces.count + 2, +)
    guard count <= FrameTable.frameLimit else { throw .tooManyFrames(count: count) }
  }

  /// What a piece is read and compressed in.
  private struct Slot: Sendable {
    var content = ByteBuffer()
    var planes = ByteBuffer()
    var frame = ByteBuffer()
    var crc: UInt32 = 0
    let compressor = ZstdCompressor()
  }

  /// What is done in order: the check of a file, or the writing of frames.
  private struct Lane: Sendable {
    var check: FileCheck?
    var frames: FrameTable?
  }

  /// Writes all frames.
  ///
  /// - Returns: where they lie.
  /// - Throws: ``ArchiveError``, of the first frame that fails.
  func write(
    of manifest: Manifest, packPath: String, on workers: Workers
  ) throws(ArchiveError) -> FrameTable {
    let pipeline = Pipeline(
      routes: items.map { item in
        if case .piece(let member, _) = item { [member, members.count] } else { [members.count] }
      }, laneCount: members.count + 1)
    let lanes = try pipeline.run(
      on: workers, slots: (0..<workers.count + 2).map { _ in Slot() },
      lanes: members.map { Lane(check: FileCheck($0.name, of: manifest)) }
        + [Lane(frames: FrameTable())],
      make: { item, slot throws(ArchiveError) in try make(items[item], in: &slot) },
      visit: { item, lane, slot throws(ArchiveError) in
        if lane.frames != nil {
          try ArchiveError.wrapping(write(slot, in: &lane))
        } else if let fault = check(items[item], &lane, slot) {
          throw .faulty(path: packPath, fault)
        }
      })
    for lane in lanes {
      if let fault = lane.check?.faults().first { throw .faulty(path: packPath, fault) }
    }
    return lanes.compactMap(\.frames).first ?? FrameTable()
  }

  private func make(_ item: Item, in slot: inout Slot) throws(ArchiveError) {
    if monitor.isCancelled { throw .cancelled }
    var isSplit = false
    switch item {
    case .header(let member): Self.fill(&slot.content, with: member.header.blocks)
    case .end: Self.fill(&slot.content, with: ArchiveMember.end)
    case .piece(let index, let number):
      isSplit = members[index].pieces[number].isSplit
      try ArchiveError.wrapping(
        Self.read(members[index], number, files[index], into: &slot.content))
    }
    if isSplit {
      Self.separate(slot.content, into: &slot.planes)
      Self.compress(slot.planes, .entropy, into: &slot.frame, slot.compressor)
    } else {
      Self.compress(slot.content, .level(level), into: &slot.frame, slot.compressor)
    }
    slot.crc = crc32(of: slot.frame.bytes)
  }

  private static func read(
    _ member: ArchiveMember, _ number: Int, _ file: InputFile, into content: inout ByteBuffer
  ) throws(FileError) {
    let range = member.pieces[number].range
    content.resize(to: member.contentByteCount(ofPiece: number))
    var bytes = content.mutableSpan
    for index in range.count..<bytes.count { bytes[index] = 0 }
    var part = bytes.part(0..<range.count)
    try file.read(at: range.lowerBound, into: &part)
  }

  private static func fill(_ buffer: inout ByteBuffer, with bytes: [UInt8]) {
    buffer.resize(to: bytes.count)
    var span = buffer.mutableSpan
    span.copy(bytes.span.rawBytes)
  }

  private static func separate(_ content: ByteBuffer, into planes: inout ByteBuffer) {
    planes.resize(to: content.count)
    var output = planes.mutableSpan
    BytePlanes.separate(content.bytes, into: &output)
  }

  private static func compress(
    _ content: ByteBuffer, _ effort: ZstdCompressor.Effort, into frame: inout ByteBuffer,
    _ compressor: ZstdCompressor
  ) {
    frame.resize(to: ZstdFrame.byteLimit(contentByteCount: content.count))
    var output = frame.mutableSpan
    let count = compressor.compress(content.bytes, effort, into: &output)
    frame.resize(to: count)
  }

  private func check(_ item: Item, _ lane: inout Lane, _ slot: Slot) -> PackFault? {
    guard case .piece(let index, let number) = item else { return nil }
    let count = members[index].pieces[number].range.count
    monitor.advance(by: count)
    lane.check?.take(slot.content.bytes.extracting(0..<count))
    return lane.check?.firstFault
  }

  private func write(_ slot: Slot, in lane: inout Lane) throws(FileError) {
    guard let byteOffset = lane.frames?.byteCount else { return }
    try output.write(slot.frame.bytes, at: byteOffset)
    lane.frames?.append(
      FrameTable.Frame(
        compressedByteCount: slot.frame.count, contentByteCount: slot.content.count,
        crc: slot.crc))
  }
}
