import FileAccess
public import PackFormat
public import Parallelism
import Tensors

extension ArchiveReader {
  /// Restores the pack, which gets its name complete or not at all.
  ///
  /// Each byte is checked on its way: the frames' checks, and all that verification proves.
  ///
  /// - Parameters:
  ///   - target: the pack's directory.
  ///   - replacing: what is replaced.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes restored.
  /// - Returns: where a pack that was replaced is left, if it could not be removed.
  /// - Throws: ``ArchiveError``.
  public func restore(
    to target: String, replacing: PackReplacement = .nothing, workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws(ArchiveError) -> String? {
    try checkNotOverArchive(target)
    try ArchiveError.wrapping(
      PackWriter.checkTarget(target, byteCount: byteCount, replacing: replacing),
      as: ArchiveError.pack)
    let partial = try ArchiveError.wrapping(
      PartialDirectory(target: target, replacing: replacing.isAllowed))
    // The manifest, which makes a directory a pack, comes last.
    let rest = Array(members.indices.dropFirst())
    let outputs = try rest.map { index throws(ArchiveError) in
      let output = try ArchiveError.wrapping(partial.create(members[index].name))
      try ArchiveError.wrapping(output.preallocate(byteCount: members[index].byteCount))
      return output
    }
    try write(rest, to: outputs, workers, monitor)
    for output in outputs where !monitor.isCancelled { try ArchiveError.wrapping(output.sync()) }
    try ArchiveError.wrapping(partial.write(manifestBytes, as: members[0].name))
    monitor.advance(by: members[0].byteCount)
    if monitor.isCancelled { throw .cancelled }
    let isReplaceable: ((String) throws(FileError) -> Bool)? =
      replacing.isAllowed
      ? { path throws(FileError) in try replacing.isReplaceable(path) } : nil
    return try ArchiveError.wrapping { () throws(FileError) -> String? in
      try partial.publish(replacing: isReplaceable)
    }
  }

  /// Restores one file, without reading the frames of the others.
  ///
  /// Under its own name it may go back into a pack. A file of another name is not replaced: nothing
  /// else tells a config from anybody's text.
  ///
  /// - Parameters:
  ///   - member: from ``member(_:)``.
  ///   - target: the file's path.
  ///   - replacing: whether a file that is there is replaced.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes restored.
  /// - Throws: ``ArchiveError``.
  public func extract(
    _ member: ArchiveMember, to target: String, replacing: Bool = false,
    workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ArchiveError) {
    guard let index = members.firstIndex(of: member) else {
      throw .noFile(path: path, name: member.name, names: members.map(\.name))
    }
    try checkNotOverArchive(target)
    let kind = OutputKind("a file called \(member.name.quoted)") { _ in
      Path.name(of: target) == member.name
    }
    try ArchiveError.wrapping(
      PackWriter.checkNotInsidePack(target, restoring: member.name), as: ArchiveError.pack)
    try ArchiveError.wrapping { () throws(FileError) in
      try PartialFile.check(target: target, replacing: replacing, kind: kind)
      let free = try freeSpace(at: Path.parent(of: target))
      guard member.byteCount <= free else {
        throw .noSpace(path: target, needed: member.byteCount, free: free)
      }
    }
    let partial = try ArchiveError.wrapping(
      PartialFile(target: target, replacing: replacing, kind: kind))
    if index == 0 {
      try ArchiveError.wrapping(partial.output.write(manifestBytes.span.rawBytes, at: 0))
    } else {
      try ArchiveError.wrapping(partial.output.preallocate(byteCount: member.byteCount))
      try write([index], to: [partial.output], workers, monitor)
    }
    if monitor.isCancelled { throw .cancelled }
    try ArchiveError.wrapping(partial.publish())
  }

  private func checkNotOverArchive(_ target: String) throws(ArchiveError) {
    try ArchiveError.wrapping { () throws(FileError) in
      var inputs = try InputGuard()
      try inputs.add(reader.file)
      try inputs.check(target)
    }
  }

  /// It was read from just these bytes, or it would have been refused.
  private var manifestBytes: [UInt8] { manifest.canonicalBytes }

  /// What a frame is decompressed and joined in.
  private struct Slot: Sendable {
    var buffer = FrameReader.Buffer()
    var values: [UInt16] = []

    mutating func join() {
      values.resize(to: buffer.content.count / 2)
      let content = buffer.content
      var output = values.mutableSpan
      BytePlanes.join(content.bytes, into: &output)
    }
  }

  /// Restores the contents of members, each to one output.
  private func write(
    _ indices: [Int], to outputs: [OutputFile], _ workers: Workers, _ monitor: Monitor
  ) throws(ArchiveError) {
    let items = indices.indices.flatMap { position in
      members[indices[position]].pieces.indices.map { (position: position, piece: $0) }
    }
    let pipeline = Pipeline(routes: items.map { [$0.position] }, laneCount: indices.count)
    let lanes = try pipeline.run(
      on: workers, slots: (0..<workers.count + 2).map { _ in Slot() },
      lanes: indices.map { FileCheck(members[$0].name, of: manifest) },
      make: { item, slot throws(ArchiveError) in
        if monitor.isCancelled { throw .cancelled }
        let (position, number) = items[item]
        try make(indices[position], number, outputs[position], &slot)
      },
      visit: { item, lane, slot throws(ArchiveError) in
        let (position, number) = items[item]
        let piece = members[indices[position]].pieces[number]
        if piece.isSplit {
          lane.take(slot.values.span.rawBytes)
        } else {
          lane.take(slot.buffer.content.bytes.extracting(0..<piece.range.count))
        }
        if let fault = lane.firstFault { throw .faulty(path: path, fault) }
        monitor.advance(by: piece.range.count)
      })
    for lane in lanes {
      if let fault = lane.faults().first { throw .faulty(path: path, fault) }
    }
    try ArchiveError.wrapping(reader.file.checkUnchanged())
  }

  private func make(
    _ index: Int, _ number: Int, _ output: OutputFile, _ slot: inout Slot
  ) throws(ArchiveError) {
    let piece = members[index].pieces[number]
    try reader.read(firstFrames[index] + number, in: &slot.buffer)
    let count = piece.range.count
    var padding: [UInt8] = []
    slot.buffer.content.bytes.extracting(count..<slot.buffer.content.count).append(to: &padding)
    guard padding.allSatisfy({ $0 == 0 }) else {
      throw .contents(path: path, .padding(name: members[index].name))
    }
    if piece.isSplit { slot.join() }
    try ArchiveError.wrapping { () throws(FileError) in
      if piece.isSplit {
        try output.write(slot.values.span.rawBytes, at: piece.range.lowerBound)
      } else {
        try output.write(
          slot.buffer.content.bytes.extracting(0..<count), at: piece.range.lowerBound)
      }
    }
  }
}
