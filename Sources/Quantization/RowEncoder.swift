public import FileAccess
public import Kernels
public import Tensors

/// Encodes tiles of whole rows into buffers that are reused from tile to tile.
///
/// What it holds afterwards is the last tile: ``primary`` and ``scales`` as they are stored, and
/// what that did to each row. Tiles do not depend on each other, so any thread may encode any of
/// them; an ``EncodingStatistics`` adds up their rows in order.
public struct RowEncoder: Sendable {
  /// The bytes of the values or codes.
  public private(set) var primary = ByteBuffer()
  /// The bytes of the scales; empty without scales.
  public private(set) var scales = ByteBuffer()
  /// What encoding did to each row.
  public private(set) var rows: [RowOutcome] = []
  private let kernels: KernelSet

  /// An encoder that has encoded nothing.
  public init(kernels: KernelSet = .best) {
    self.kernels = kernels
  }

  /// Encodes a tile.
  ///
  /// Values that overflow the encoding are counted, so that an error can name them all.
  ///
  /// - Parameters:
  ///   - source: `[rows, columns]` as it lies in the file.
  ///   - dtype: F32, F16 or BF16.
  ///   - columns: the elements of a row, which the encoding must tile.
  ///   - encoding: how they are stored.
  ///   - firstRow: the tile's first row in its tensor, for errors.
  /// - Throws: ``EncodingError/nonFinite(value:row:column:)``.
  public mutating func encode(
    _ source: RawSpan, of dtype: DType, columns: Int, as encoding: Encoding, firstRow: Int = 0
  ) throws(EncodingError) {
    rows.removeAll(keepingCapacity: true)
    let sourceRow = columns * dtype.bitsPerElement / 8
    let count = sourceRow == 0 ? 0 : source.byteCount / sourceRow
    precondition(count * sourceRow == source.byteCount)
    let (primaryRow, scalesRow) = encoding.rowByteCounts(columns: columns)
    primary.resize(to: count * primaryRow)
    scales.resize(to: count * scalesRow)
    for index in 0..<count {
      let row = source.extracting(index * sourceRow..<(index + 1) * sourceRow)
      let outcome = kernels.encode(
        row, of: dtype, as: encoding,
        into: &primary, index * primaryRow..<(index + 1) * primaryRow,
        scales: &scales, index * scalesRow..<(index + 1) * scalesRow)
      guard outcome.isFinite else { throw nonFinite(row, of: dtype, row: firstRow + index) }
      rows.append(outcome)
    }
  }

  private func nonFinite(_ row: RawSpan, of dtype: DType, row index: Int) -> EncodingError {
    var values = [Float](repeating: 0, count: row.byteCount * 8 / dtype.bitsPerElement)
    var span = values.mutableSpan
    kernels.widen(row, of: dtype, into: &span)
    let column = values.firstIndex { !$0.isFinite } ?? 0
    return .nonFinite(value: values[column], row: index, column: column)
  }
}

extension KernelSet {
  /// Encodes one row into its places in two buffers.
  fileprivate func encode(
    _ row: RawSpan, of dtype: DType, as encoding: Encoding,
    into primary: inout ByteBuffer, _ primaryRange: Range<Int>,
    scales: inout ByteBuffer, _ scalesRange: Range<Int>
  ) -> RowOutcome {
    var primary = primary.mutableSpan
    var output = primary.part(primaryRange)
    if encoding.dtype == dtype {
      // Nothing is rounded: nothing is lost, and nothing to measure.
      output.copy(row)
      return RowOutcome(largest: largestMagnitude(row, of: dtype))
    }
    switch encoding {
    case .f32:
      // F16 and BF16 values are all binary32 values.
      widen(row, of: dtype, into: &output)
      return RowOutcome(largest: largestMagnitude(row, of: dtype))
    case .bf16:
      return encodeBF16(row, of: dtype, into: &output)
    case .f16:
      return encodeF16(row, of: dtype, into: &output)
    case .int8Row:
      let (outcome, scale) = encodeInt8Row(row, of: dtype, into: &output)
      var scales = scales.mutableSpan
      scales.put(scale.bitPattern, at: scalesRange.lowerBound)
      return outcome
    case .int8Group(let size):
      var scales = scales.mutableSpan
      var scalesOutput = scales.part(scalesRange)
      return encodeInt8Groups(
        row, of: dtype, groupSize: size, into: &output, scales: &scalesOutput)
    case .int4Group(let size):
      var scales = scales.mutableSpan
      var scalesOutput = scales.part(scalesRange)
      return encodeInt4Groups(
        row, of: dtype, groupSize: size, into: &output, scales: &scalesOutput)
    }
  }
}

extension Encoding {
  /// The dtype of the values, of an encoding without codes.
  var dtype: DType? {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .f16: .f16
    case .int8Row, .int8Group, .int4Group: nil
    }
  }

  /// The bytes of one row in each plane.
  fileprivate func rowByteCounts(columns: Int) -> (primary: Int, scales: Int) {
    switch self {
    case .f32: (4 * columns, 0)
    case .bf16, .f16: (2 * columns, 0)
    case .int8Row: (columns, 4)
    case .int8Group(let size): (columns, 2 * (columns / size))
    case .int4Group(let size): (columns / 2, 2 * (columns / size))
    }
  }
}
