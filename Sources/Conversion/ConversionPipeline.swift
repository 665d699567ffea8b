import Checkpoint
import FileAccess
import HuginnModel
import Integrity
import Kernels
import PackFormat
import Parallelism
import Quantization
import Safetensors
import Tensors

/// The way of the data: shard → piece → codes → segment, each source byte read once.
///
/// Pieces are read, encoded and written by any thread in any order; each shard's are hashed in one
/// lane in file order, each tensor's are added up in another. What is in flight lies in slots that
/// are used again and again; beside them only the scales of up to four tensors are held, which follow
/// the codes in the digest. So memory grows neither with the threads nor with the number of tensors.
struct ConversionPipeline: Sendable {
  /// The most bytes of all slots together.
  private static let slotByteLimit = 64 << 20

  private let plan: ConversionPlan
  private let pieces: [ShardPiece]
  private let segments: SegmentFiles?
  private let kernels: KernelSet
  private let monitor: Monitor
  /// Whether what was read is given back: the source would push everything else out of the cache.
  private let releasesCache: Bool

  /// A pipeline.
  ///
  /// - Parameters:
  ///   - plan: what to convert.
  ///   - segments: where the planes are written; nil to derive the records alone.
  ///   - kernels: what encodes.
  ///   - monitor: receives the number of bytes read and hashed.
  init(
    _ plan: ConversionPlan, into segments: SegmentFiles?, kernels: KernelSet, monitor: Monitor
  ) {
    self.plan = plan
    self.segments = segments
    self.kernels = kernels
    self.monitor = monitor
    pieces = plan.pieces()
    releasesCache = plan.checkpoint.byteCount > physicalMemory()
  }

  /// What a piece is read and encoded in.
  private struct Slot: Sendable {
    var source = ByteBuffer()
    var encoder: RowEncoder

    mutating func withSource(
      _ body: (inout RowEncoder, RawSpan) throws(EncodingError) -> Void
    ) throws(EncodingError) {
      let source = source
      try body(&encoder, source.bytes)
    }
  }

  /// What is done in order: a shard's digest, or a tensor's sums and digest.
  private struct Lane: Sendable {
    var shard: SHA256Hasher?
    var tensor: TensorAssembly?
  }

  /// Converts everything.
  ///
  /// - Returns: the tensors in pack order, the digests in the order of the shards.
  /// - Throws: ``ConversionError``, of the first piece that fails.
  func run(
    on workers: Workers
  ) throws(ConversionError) -> (tensors: [TensorOutcome], shardDigests: [Digest]) {
    let shardCount = plan.checkpoint.shards.count
    let tensors = plan.layout.tensors
    let pipeline = Pipeline(
      routes: pieces.map { piece in
        [piece.shard] + (piece.tile.map { [shardCount + $0.tensor] } ?? [])
      }, laneCount: shardCount + tensors.count)
    let slot = Slot(encoder: RowEncoder(kernels: kernels))
    let lanes = try pipeline.run(
      on: workers, slots: Array(repeating: slot, count: slotCount(workers)),
      lanes: Array(repeating: Lane(shard: SHA256Hasher()), count: shardCount)
        + tensors.map { Lane(tensor: TensorAssembly($0)) },
      make: { item, slot throws(ConversionError) in try make(pieces[item], in: &slot) },
      visit: { item, lane, slot throws(ConversionError) in
        try visit(pieces[item], &lane, slot)
      })
    try ConversionError.wrapping(plan.checkpoint.checkUnchanged())
    return (
      lanes.compactMap(\.tensor?.outcome), lanes.compactMap { $0.shard?.finalized() }
    )
  }

  /// A few for each thread, so that one may wait for its lane while the next is made.
  private func slotCount(_ workers: Workers) -> Int {
    // An encoded piece is no longer than its values in F32.
    let largest = pieces.reduce(1) { largest, piece in
      max(largest, piece.byteRange.count * (piece.tile == nil ? 1 : 3))
    }
    return max(2, min(4 * workers.count, Self.slotByteLimit / largest))
  }

  private func make(_ piece: ShardPiece, in slot: inout Slot) throws(ConversionError) {
    if monitor.isCancelled { throw .cancelled }
    slot.source.resize(to: piece.byteRange.count)
    try ConversionError.wrapping { () throws(FileError) in
      var bytes = slot.source.mutableSpan
      try file(of: piece).read(at: piece.byteRange.lowerBound, into: &bytes)
    }
    guard let tile = piece.tile else { return }
    let layout = plan.layout.tensors[tile.tensor]
    let source = source(of: layout)
    do throws(EncodingError) {
      let columns = layout.tensor.shape.columns
      try slot.withSource { encoder, bytes throws(EncodingError) in
        try encoder.encode(
          bytes, of: source.description.dtype, columns: columns, as: layout.encoding,
          firstRow: tile.rows.lowerBound)
      }
    } catch {
      throw valuesError(error, source)
    }
    guard let segments else { return }
    try ConversionError.wrapping { () throws(FileError) in
      let rows = layout.tensor.shape.rows
      for (placed, bytes) in zip(layout.planes, [slot.encoder.primary, slot.encoder.scales]) {
        let offset = placed.byteOffset + placed.plane.byteCount / rows * tile.rows.lowerBound
        try segments.write(bytes.bytes, to: layout.tensor.stage, at: offset)
      }
    }
  }

  private func visit(
    _ piece: ShardPiece, _ lane: inout Lane, _ slot: Slot
  ) throws(ConversionError) {
    if lane.shard != nil {
      lane.shard?.update(slot.source.bytes)
      if releasesCache { file(of: piece).releaseCache(of: piece.byteRange) }
      monitor.advance(by: piece.byteRange.count)
    } else if let tile = piece.tile {
      let source = source(of: plan.layout.tensors[tile.tensor])
      do throws(EncodingError) {
        try lane.tensor?.add(slot.encoder, rows: tile.rows, from: source.description.dtype)
      } catch {
        throw valuesError(error, source)
      }
    }
  }

  private func file(of piece: ShardPiece) -> InputFile {
    plan.checkpoint.shards[piece.shard].safetensors.file
  }

  private func source(of layout: TensorLayout) -> Checkpoint.Tensor {
    guard let source = plan.checkpoint.tensors[layout.tensor.name] else {
      preconditionFailure("the plan has checked that every tensor is there")
    }
    return source
  }

  private func valuesError(
    _ error: EncodingError, _ source: Checkpoint.Tensor
  ) -> ConversionError {
    var byteOffset: Int?
    if case .nonFinite(_, let row, let column) = error {
      let description = source.description
      byteOffset =
        source.byteRange.lowerBound
        + (row * description.shape.columns + column) * description.dtype.bitsPerElement / 8
    }
    return .values(
      tensor: source.description.name, file: plan.checkpoint.shards[source.shard].name,
      byteOffset: byteOffset, error)
  }
}
