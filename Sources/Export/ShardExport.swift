import Conversion
import FileAccess
import HuginnModel
import Kernels
import PackFormat
import Parallelism
import Quantization
import Safetensors
import Synchronization
import Tensors

/// Fills one shard, tile by tile, on all threads.
struct ShardExport: Sendable {
  private let shard: ShardPlan.Shard
  private let data: SafetensorsData
  private let source: ExportSource
  private let kernels: KernelSet
  private let monitor: Monitor

  /// Some rows of one tensor.
  private struct Piece: Sendable {
    let tensor: Int
    let rows: Range<Int>
  }

  init(
    _ shard: ShardPlan.Shard, into data: SafetensorsData, of source: ExportSource,
    _ kernels: KernelSet, _ monitor: Monitor
  ) {
    self.shard = shard
    self.data = data
    self.source = source
    self.kernels = kernels
    self.monitor = monitor
  }

  func write(on workers: Workers) throws(ExportError) {
    let pieces = shard.tensors.enumerated().flatMap { index, tensor in
      tensor.tiled.tiles().map { Piece(tensor: index, rows: $0) }
    }
    let rows = Mutex([[RowOutcome]](repeating: [], count: pieces.count))
    try workers.run(pieces.count) { index throws(ExportError) in
      if monitor.isCancelled { throw .cancelled }
      let (tensor, range) = (shard.tensors[pieces[index].tensor], pieces[index].rows)
      let outcomes = try write(range, of: tensor)
      rows.withLock { $0[index] = outcomes }
      monitor.advance(by: tensor.byteCount / max(1, tensor.tiled.rows) * range.count)
    }
    try checkOverflow(pieces, rows.withLock { $0 })
  }

  /// One error for all values of a tensor that became infinite.
  private func checkOverflow(
    _ pieces: [Piece], _ rows: [[RowOutcome]]
  ) throws(ExportError) {
    for (index, tensor) in shard.tensors.enumerated() {
      guard case .values(_, let encoding) = tensor.content else { continue }
      var statistics = EncodingStatistics()
      for (piece, outcomes) in zip(pieces, rows) where piece.tensor == index {
        for row in outcomes { statistics.add(row) }
      }
      do throws(EncodingError) {
        try statistics.checkOverflow(in: encoding)
      } catch {
        throw .values(tensor: tensor.name, error)
      }
    }
  }

  // MARK: - Contents

  private func write(
    _ rows: Range<Int>, of tensor: ExportTensor
  ) throws(ExportError) -> [RowOutcome] {
    switch tensor.content {
    case .values(let name, let encoding):
      return try writeValues(rows, of: tensor, from: name, as: encoding)
    case .codes(let layout, let isOffset):
      let stored = try plane(0, of: layout, rows)
      let codes = isOffset ? Self.packed(stored) : stored
      try put(codes.span.rawBytes, in: tensor, at: rows.lowerBound * layout.tensor.shape.columns)
    case .scales(let layout):
      let stored = try plane(1, of: layout, rows)
      let dtype = layout.planes[1].plane.dtype
      let row = tensor.description.shape.columns
      var scales = [UInt8](repeating: 0, count: 4 * rows.count * row)
      var span = scales.mutableSpan
      kernels.widen(stored.span.rawBytes, of: dtype, into: &span)
      try put(scales.span.rawBytes, in: tensor, at: 4 * rows.lowerBound * row)
    case .shape(let rows, let columns):
      let sizes = [Int64(rows), Int64(columns)]
      try put(sizes.span.rawBytes, in: tensor, at: 0)
    case .rotaryTable:
      let table = RotaryTable(source.config)
      let values = rows.flatMap { table.row(at: $0) }
      try put(values.span.rawBytes, in: tensor, at: 4 * rows.lowerBound * table.columns)
    }
    return []
  }

  private func writeValues(
    _ rows: Range<Int>, of tensor: ExportTensor, from name: String, as encoding: Encoding
  ) throws(ExportError) -> [RowOutcome] {
    var values: [Float] = []
    do throws(ConversionError) {
      try source.values.read(name, rows, into: &values)
    } catch {
      throw ExportError(error)
    }
    var encoder = RowEncoder(kernels: kernels)
    let columns = tensor.description.shape.columns
    do throws(EncodingError) {
      try encoder.encode(
        values.span.rawBytes, of: .f32, columns: columns, as: encoding, firstRow: rows.lowerBound)
    } catch {
      throw .values(tensor: tensor.name, error)
    }
    let size = tensor.description.dtype.bitsPerElement / 8
    try put(encoder.primary.bytes, in: tensor, at: rows.lowerBound * columns * size)
    return encoder.rows
  }

  /// Codes as fields of little-endian words: adding 128 turns a signed byte's highest bit.
  static func packed(_ codes: [UInt8]) -> [UInt8] { codes.map { $0 ^ 0x80 } }

  /// The bytes of some rows of a plane.
  private func plane(
    _ index: Int, of layout: TensorLayout, _ rows: Range<Int>
  ) throws(ExportError) -> [UInt8] {
    guard let pack = source.pack else { preconditionFailure("codes are a pack's") }
    return try filing { () throws(FileError) in
      try pack.bytes(of: layout, plane: index, rows: rows)
    }
  }

  private func put(
    _ bytes: RawSpan, in tensor: ExportTensor, at offset: Int
  ) throws(ExportError) {
    do throws(FileError) {
      try data.write(bytes, of: tensor.name, at: offset)
    } catch {
      throw .file(error)
    }
  }
}

extension ExportTensor {
  /// The shape whose rows its content is written by.
  fileprivate var tiled: Shape {
    switch content {
    case .values: description.shape
    // A matrix of codes has its own rows, whatever the exported tensor is packed into.
    case .codes(let layout, _), .scales(let layout): layout.tensor.shape
    case .shape: Shape(1, 2)
    // `[1, positions, …]`: a row for each position.
    case .rotaryTable:
      Shape(
        Int(description.shape.dimensions[1]),
        description.shape.elementCount / max(1, Int(description.shape.dimensions[1])))
    }
  }
}
