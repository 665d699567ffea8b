import FileAccess
import Kernels
import Quantization
import Tensors

/// What an encoder made of a matrix.
struct Encoded {
  /// The bytes of the values or codes, tile after tile.
  var primary: [UInt8] = []
  /// The bytes of the scales.
  var scales: [UInt8] = []
  /// What the encoding did.
  let statistics: EncodingStatistics
  /// Why it was refused at the end.
  let refusal: EncodingError?

  /// Encodes rows of `columns`, some of them at a time.
  ///
  /// - Throws: ``EncodingError/nonFinite(value:row:column:)``.
  init(
    _ source: [Float], as encoding: Encoding, columns: Int, rowsInTile: Int = .max,
    kernels: KernelSet = .best
  ) throws(EncodingError) {
    var encoder = RowEncoder(kernels: kernels)
    var statistics = EncodingStatistics()
    let rows = source.count / columns
    for start in stride(from: 0, to: rows, by: min(rowsInTile, max(rows, 1))) {
      let end = start + min(rowsInTile, rows - start)
      let tile = source.span.extracting(start * columns..<end * columns)
      try encoder.encode(
        tile.rawBytes, of: .f32, columns: columns, as: encoding, firstRow: start)
      encoder.primary.bytes.append(to: &primary)
      encoder.scales.bytes.append(to: &scales)
      for row in encoder.rows { statistics.add(row) }
    }
    self.statistics = statistics
    do throws(EncodingError) {
      try statistics.checkOverflow(in: encoding)
      refusal = nil
    } catch {
      refusal = error
    }
  }

  /// The bytes as codes.
  var codes: [Int8] { primary.map { Int8(bitPattern: $0) } }
  /// The bytes as F16 or BF16 values.
  var halves: [UInt16] { words(primary) }
  /// The bytes as F32 bits.
  var words: [UInt32] { words(primary) }
  /// The F16 scales of groups.
  var groupScales: [UInt16] { words(scales) }
  /// The bits of the F32 scales of rows.
  var rowScales: [UInt32] { words(scales) }

  private func words<Word: FixedWidthInteger>(_ bytes: [UInt8]) -> [Word] {
    let size = MemoryLayout<Word>.size
    return stride(from: 0, to: bytes.count, by: size).map { start in
      bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | Word($1) }
    }
  }
}
