package import FileAccess
package import Integrity
package import Parallelism

/// Files of a pack that are read whole, each byte once: for their own digests, and at the same time
/// for what the manifest says of the bytes in them.
package struct PackFiles {
  private let files: [(name: String, file: InputFile)]

  /// The most bytes that are read at a time.
  private static let pieceByteCount = 1 << 20

  /// How many pieces before it is read one is asked for.
  private static let pieceLead = 16

  /// Files that are open, each with a name of its own.
  package init(_ files: [(name: String, file: InputFile)]) { self.files = files }

  /// The files of these names that can be opened; files that do not belong to a pack are left out.
  init(in directory: OpenDirectory, names: [String]) {
    self.init(
      names.compactMap { name in
        guard !PackFileNames.ignored.contains(name), let file = try? directory.file(name) else {
          return nil
        }
        return (name, file)
      })
  }

  /// A run of bytes of one file.
  private struct Piece {
    let file: Int
    let range: Range<Int>
    /// How far into its file it lies, from 0 to 1.
    let progress: Double
  }

  /// What is done with the bytes of a file, in order.
  private enum Lane: Sendable {
    case digest(SHA256Hasher)
    case check(FileCheck?)

    mutating func take(_ bytes: RawSpan) {
      switch self {
      case .digest(var hasher):
        hasher.update(bytes)
        self = .digest(hasher)
      case .check(var check):
        // One owner at a time, so that nothing is copied.
        self = .check(nil)
        check?.take(bytes)
        self = .check(check)
      }
    }
  }

  /// The SHA-256 of each file by its name, all read side by side.
  ///
  /// - Parameters:
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Returns: the digests.
  /// - Throws: `ReadingError` if the system refuses a read, a file was cut meanwhile, or the
  ///   monitor cancels.
  package func digests(
    _ workers: Workers, _ monitor: Monitor
  ) throws(ReadingError) -> [String: Digest] {
    try read(against: nil, workers, monitor).digests
  }

  /// Reads all files, side by side, so that no long one is left for the end.
  ///
  /// - Parameters:
  ///   - manifest: what to hold the bytes against, and the names of the files that have their lengths.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Returns: the digest of each file by its name, and what is wrong, file by file.
  /// - Throws: `ReadingError`.
  func read(
    against manifest: (Manifest, names: Set<String>)?, _ workers: Workers, _ monitor: Monitor
  ) throws(ReadingError) -> (digests: [String: Digest], faults: [PackFault]) {
    let pieces = self.pieces
    let pipeline = Pipeline(
      routes: pieces.map { [2 * $0.file, 2 * $0.file + 1] }, laneCount: 2 * files.count)
    let lanes = try pipeline.run(
      on: workers, slots: (0..<2 * workers.count + 2).map { _ in ByteBuffer() },
      lanes: files.flatMap { name, _ in
        let check = manifest.flatMap { manifest, names in
          names.contains(name) ? FileCheck(name, of: manifest) : nil
        }
        return [Lane.digest(SHA256Hasher()), .check(check)]
      },
      make: { item, slot throws(ReadingError) in
        if monitor.isCancelled { throw .cancelled }
        let piece = pieces[item]
        // What is hashed twice leaves the disk time, if it knows what comes.
        if item + Self.pieceLead < pieces.count {
          let later = pieces[item + Self.pieceLead]
          files[later.file].file.readAhead(later.range)
        }
        slot.resize(to: piece.range.count)
        var span = slot.mutableSpan
        try ReadingError.wrapping(
          files[piece.file].file.read(at: piece.range.lowerBound, into: &span))
        monitor.advance(by: piece.range.count)
      },
      visit: { _, lane, slot throws(ReadingError) in lane.take(slot.bytes) })
    var (digests, faults): ([String: Digest], [PackFault]) = ([:], [])
    for (index, lane) in lanes.enumerated() {
      switch lane {
      case .digest(let hasher): digests[files[index / 2].name] = hasher.finalized()
      case .check(let check): faults += check?.faults() ?? []
      }
    }
    return (digests, faults)
  }

  /// The pieces of all files in the order of their progress, each file's from first to last.
  private var pieces: [Piece] {
    files.indices.flatMap { index in
      let count = files[index].file.byteCount
      return stride(from: 0, to: count, by: Self.pieceByteCount).map { start in
        let end = min(count, start + Self.pieceByteCount)
        return Piece(
          file: index, range: start..<end, progress: Double(end) / Double(count))
      }
    }
    .sorted { $0.progress < $1.progress }
  }
}
