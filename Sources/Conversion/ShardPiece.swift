import Checkpoint
import FileAccess
import HuginnModel
import PackFormat
import Safetensors
import Tensors

/// A run of a shard's bytes that is read at once: whole rows of a tensor, or bytes that are only
/// hashed, such as the header.
struct ShardPiece: Sendable {
  /// The rows of a tensor that a piece holds.
  struct Tile: Sendable {
    /// The tensor, by its position in the pack.
    let tensor: Int
    /// Which of its rows.
    let rows: Range<Int>
  }

  /// The shard, by its position in the checkpoint.
  let shard: Int
  /// Where it is in the shard's file.
  let byteRange: Range<Int>
  /// Which tile it is; nil if nothing of it goes into the pack.
  let tile: Tile?

  /// The most bytes of a piece that is only hashed.
  static let byteLimit = 1 << 20
  /// How many shards are read beside each other: their digests, which are sequences, then do not
  /// wait for each other, and at most this many tensors are under way.
  static let streamCount = 4
}

extension ConversionPlan {
  /// The pieces of all shards, in the order in which they are read: each shard's in file order,
  /// every byte in one piece.
  func pieces() -> [ShardPiece] {
    var streams: [[ShardPiece]] = []
    // The longest shards first, each to the stream that has the least so far.
    let shards = checkpoint.shards.indices.sorted {
      checkpoint.shards[$0].safetensors.file.byteCount
        > checkpoint.shards[$1].safetensors.file.byteCount
    }
    var totals: [Int] = []
    for shard in shards {
      let pieces = pieces(of: shard)
      let count = checkpoint.shards[shard].safetensors.file.byteCount
      if streams.count < ShardPiece.streamCount {
        streams.append(pieces)
        totals.append(count)
      } else if let least = totals.indices.min(by: { totals[$0] < totals[$1] }) {
        streams[least] += pieces
        totals[least] += count
      }
    }
    return Self.merged(streams, totals)
  }

  /// Streams side by side, so that all end together.
  private static func merged(_ streams: [[ShardPiece]], _ totals: [Int]) -> [ShardPiece] {
    var keyed: [(progress: Double, piece: ShardPiece)] = []
    for (stream, total) in zip(streams, totals) {
      var done = 0
      for piece in stream {
        keyed.append((Double(done) / Double(max(1, total)), piece))
        done += piece.byteRange.count
      }
    }
    // Equal progress is ordered by shard, and within a shard by place: the sort is stable.
    return keyed.sorted { $0.progress < $1.progress }.map(\.piece)
  }

  private func pieces(of shard: Int) -> [ShardPiece] {
    let safetensors = checkpoint.shards[shard].safetensors
    let positions = Dictionary(
      uniqueKeysWithValues: layout.tensors.enumerated().map { ($1.tensor.name, $0) })
    var pieces: [ShardPiece] = []
    func addHashed(_ range: Range<Int>) {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: ShardPiece.byteLimit) {
        let end = min(start + ShardPiece.byteLimit, range.upperBound)
        pieces.append(ShardPiece(shard: shard, byteRange: start..<end, tile: nil))
      }
    }
    addHashed(0..<safetensors.dataOffset)
    for entry in safetensors.header.entries {
      let stored = entry.tensor.name
      let name = checkpoint.modelNames[stored] ?? stored
      let start = safetensors.dataOffset + entry.dataRange.lowerBound
      guard let position = positions[name], checkpoint.tensors[name]?.shard == shard else {
        addHashed(start..<start + entry.dataRange.count)
        continue
      }
      let shape = layout.tensors[position].tensor.shape
      let rowByteCount = shape.rows == 0 ? 0 : entry.dataRange.count / shape.rows
      for rows in shape.tiles() {
        let range =
          start + rows.lowerBound * rowByteCount..<start + rows.upperBound * rowByteCount
        pieces.append(
          ShardPiece(
            shard: shard, byteRange: range,
            tile: ShardPiece.Tile(tensor: position, rows: rows)))
      }
    }
    return pieces
  }
}
