import FileAccess
import HuginnModel
import Integrity
import Kernels
import Models
import PackFormat
import Parallelism
import Quantization
import Synchronization
import Tensors

/// Fills the places of an export's tensors in its file, tile by tile, on all threads.
///
/// Tiles are read, encoded and written by any thread; the bytes that were read of a pack pass on in
/// order to the ``SourceDigests``.
struct TensorExport: Sendable {
  private let tensors: [ExportTensor]
  private let data: PlacedOutput
  private let source: ExportSource
  private let kernels: KernelSet
  private let monitor: Monitor

  /// Some rows of one tensor.
  private struct Piece: Sendable {
    let tensor: Int
    let rows: Range<Int>
  }

  /// What a piece is read in.
  private struct Slot: Sendable {
    var reader: TensorReader?
    /// The bytes of planes that were read as they are stored.
    var planes: [Int: [UInt8]] = [:]
    var outcomes: [RowOutcome] = []
  }

  init(
    _ tensors: [ExportTensor], into data: PlacedOutput, of source: ExportSource,
    _ kernels: KernelSet, _ monitor: Monitor
  ) {
    self.tensors = tensors
    self.data = data
    self.source = source
    self.kernels = kernels
    self.monitor = monitor
  }

  /// Writes all tensors.
  ///
  /// - Parameters:
  ///   - digests: take what is read.
  ///   - workers: the threads to use.
  /// - Throws: ``ExportError``.
  func write(hashing digests: inout SourceDigests, on workers: Workers) throws(ExportError) {
    let pieces = tensors.enumerated().flatMap { index, tensor in
      tensor.tiled.tiles().map { Piece(tensor: index, rows: $0) }
    }
    let planes = tensors.map { digests.planes(of: $0.content) }
    let rows = Mutex([[RowOutcome]](repeating: [], count: pieces.count))
    let pipeline = Pipeline(
      routes: pieces.map { planes[$0.tensor].map(\.lane) }, laneCount: digests.lanes.count)
    digests.lanes = try pipeline.run(
      on: workers, slots: (0..<workers.count + 2).map { _ in Slot() }, lanes: digests.lanes,
      make: { index, slot throws(ExportError) in
        if monitor.isCancelled { throw .cancelled }
        let (tensor, range) = (tensors[pieces[index].tensor], pieces[index].rows)
        slot = Slot()
        try write(range, of: tensor, in: &slot)
        rows.withLock { $0[index] = slot.outcomes }
        monitor.advance(by: tensor.byteCount / max(1, tensor.tiled.rows) * range.count)
      },
      visit: { index, lane, slot throws(ExportError) in
        guard let index = planes[pieces[index].tensor].first(where: { $0.lane == lane.number })
        else { return }
        if let bytes = slot.planes[index.plane] {
          lane.hasher.update(bytes.span.rawBytes)
        } else if let buffer = slot.reader?.plane(index.plane) {
          lane.hasher.update(buffer.bytes)
        }
      })
    try checkOverflow(pieces, rows.withLock { $0 })
  }

  /// One error for all values of a tensor that became infinite.
  private func checkOverflow(
    _ pieces: [Piece], _ rows: [[RowOutcome]]
  ) throws(ExportError) {
    for (index, tensor) in tensors.enumerated() {
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
    _ rows: Range<Int>, of tensor: ExportTensor, in slot: inout Slot
  ) throws(ExportError) {
    switch tensor.content {
    case .values(let name, let encoding):
      try writeValues(rows, of: tensor, from: name, as: encoding, in: &slot)
    case .blocks(let name, let format):
      try writeBlocks(rows, of: tensor, from: name, as: format, in: &slot)
    case .regrouped(let layout, let format):
      let codes = try read(0, of: layout, rows, in: &slot)
      let scales = try read(1, of: layout, rows, in: &slot)
      _ = try widened(scales, of: layout, firstRow: rows.lowerBound)
      let blocks = Self.blocks(format, codes: codes, scales: scales)
      let row = format.byteCount(ofElements: tensor.shape.columns)
      try put(blocks.span.rawBytes, in: tensor, at: rows.lowerBound * row)
    case .codes(let layout):
      let codes = try read(0, of: layout, rows, in: &slot)
      try put(codes.span.rawBytes, in: tensor, at: rows.lowerBound * layout.tensor.shape.columns)
    case .words(let layout):
      let words = Self.words(try read(0, of: layout, rows, in: &slot), layout.encoding)
      try put(
        words.span.rawBytes, in: tensor, at: rows.lowerBound * words.count / max(1, rows.count))
    case .scales(let layout):
      let stored = try read(1, of: layout, rows, in: &slot)
      let scales = try widened(stored, of: layout, firstRow: rows.lowerBound)
      try put(
        scales.span.rawBytes, in: tensor, at: 4 * rows.lowerBound * tensor.shape.columns)
    case .shape(let rows, let columns):
      let sizes = [Int64(rows), Int64(columns)]
      try put(sizes.span.rawBytes, in: tensor, at: 0)
    case .rotaryTable:
      let table = RotaryTable(source.config)
      let values = rows.flatMap { table.row(at: $0) }
      try put(values.span.rawBytes, in: tensor, at: 4 * rows.lowerBound * table.columns)
    }
  }

  private func writeValues(
    _ rows: Range<Int>, of tensor: ExportTensor, from name: String, as encoding: Encoding,
    in slot: inout Slot
  ) throws(ExportError) {
    let values = try read(rows, of: name, in: &slot)
    var encoder = RowEncoder(kernels: kernels)
    let columns = tensor.shape.columns
    do throws(EncodingError) {
      try encoder.encode(
        values.span.rawBytes, of: .f32, columns: columns, as: encoding, firstRow: rows.lowerBound)
    } catch {
      throw .values(tensor: tensor.name, error)
    }
    let row = encoder.primary.count / max(1, rows.count)
    try put(encoder.primary.bytes, in: tensor, at: rows.lowerBound * row)
    slot.outcomes = encoder.rows
  }

  private func writeBlocks(
    _ rows: Range<Int>, of tensor: ExportTensor, from name: String, as format: BlockFormat,
    in slot: inout Slot
  ) throws(ExportError) {
    let values = try read(rows, of: name, in: &slot)
    var blocks = [UInt8](repeating: 0, count: format.byteCount(ofElements: values.count))
    var span = blocks.mutableSpan
    let largest = kernels.encodeBlocks(values.span.rawBytes, of: .f32, as: format, into: &span)
    let columns = tensor.shape.columns
    guard largest.isFinite else {
      let index = values.firstIndex { !$0.isFinite } ?? 0
      throw .values(
        tensor: name,
        .nonFinite(
          value: values[index], row: rows.lowerBound + index / columns, column: index % columns))
    }
    guard Float(f16Bits: (largest / format.largestCode).f16Bits).isFinite else {
      throw .blockScale(tensor: name, largest: largest)
    }
    try put(
      blocks.span.rawBytes, in: tensor,
      at: rows.lowerBound * format.byteCount(ofElements: columns))
  }

  /// The values of some rows, decoded.
  private func read(
    _ rows: Range<Int>, of name: String, in slot: inout Slot
  ) throws(ExportError) -> [Float] {
    var values: [Float] = []
    var reader = TensorReader(source.tensor(name), kernels: kernels)
    try ExportError.wrapping(reader.read(rows, into: &values))
    slot.reader = reader
    return values
  }

  /// The scales of some rows of a pack in binary32, all of them finite.
  private func widened(
    _ stored: [UInt8], of layout: TensorLayout, firstRow: Int
  ) throws(ExportError) -> [Float] {
    let plane = layout.planes[1].plane
    let groups = plane.shape.columns
    guard let dtype = plane.dtype.dtype else { preconditionFailure("scales are values") }
    var scales = [Float](repeating: 0, count: 8 * stored.count / dtype.bitsPerElement)
    var span = scales.mutableSpan
    kernels.widen(stored.span.rawBytes, of: dtype, into: &span)
    if let index = scales.firstIndex(where: { !$0.isFinite }) {
      throw .scale(
        tensor: layout.tensor.name, row: firstRow + index / groups, group: index % groups,
        value: scales[index])
    }
    return scales
  }

  /// Codes and binary16 scales as blocks; each block of a wider group gets its scale.
  static func blocks(_ format: BlockFormat, codes: [UInt8], scales: [UInt8]) -> [UInt8] {
    let size = format.byteCount - 2
    let count = codes.count / size
    let perScale = count / max(1, scales.count / 2)
    var blocks: [UInt8] = []
    blocks.reserveCapacity(count * format.byteCount)
    for block in 0..<count {
      let scale = 2 * (block / perScale)
      blocks += scales[scale..<scale + 2]
      let part = codes[block * size..<(block + 1) * size]
      switch format {
      case .q8_0: blocks += part
      case .q4_0: blocks += halves(Array(part))
      }
    }
    return blocks
  }

  /// The codes of a block with those 16 apart in a byte, where neighbours were.
  private static func halves(_ codes: [UInt8]) -> [UInt8] {
    (0..<16).map { place in
      let (low, high) = (codes[place / 2], codes[8 + place / 2])
      return place.isMultiple(of: 2) ? low & 15 | high << 4 : low >> 4 | high & 0xF0
    }
  }

  /// Codes as fields of little-endian words, the first column in the lowest: 4-bit codes are that
  /// already, and adding 128 to a signed byte turns its highest bit.
  static func words(_ codes: [UInt8], _ encoding: Encoding) -> [UInt8] {
    encoding.bitsPerCode == 8 ? codes.map { $0 ^ 0x80 } : codes
  }

  /// The bytes of some rows of a plane.
  private func read(
    _ index: Int, of layout: TensorLayout, _ rows: Range<Int>, in slot: inout Slot
  ) throws(ExportError) -> [UInt8] {
    guard let pack = source.model.pack else { preconditionFailure("codes are a pack's") }
    let bytes = try ExportError.wrapping(pack.bytes(of: layout, plane: index, rows: rows))
    slot.planes[index] = bytes
    return bytes
  }

  private func put(
    _ bytes: RawSpan, in tensor: ExportTensor, at offset: Int
  ) throws(ExportError) {
    try ExportError.wrapping(data.write(bytes, of: tensor.name, at: offset))
  }
}

extension ExportTensor {
  /// The shape whose rows its content is written by.
  fileprivate var tiled: Shape {
    switch content {
    case .values, .blocks, .regrouped: shape
    // A matrix of codes has its own rows, whatever the exported tensor is packed into.
    case .codes(let layout), .words(let layout), .scales(let layout): layout.tensor.shape
    case .shape: Shape(1, 2)
    // `[1, positions, …]`: a row for each position.
    case .rotaryTable:
      Shape(
        Int(shape.dimensions[1]),
        shape.elementCount / max(1, Int(shape.dimensions[1])))
    }
  }
}

extension BlockFormat {
  /// What the largest magnitude of a block is divided by.
  fileprivate var largestCode: Float {
    switch self {
    case .q8_0: 127
    case .q4_0: 8
    }
  }
}
