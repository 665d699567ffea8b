import FileAccess
import HuginnModel
import Integrity
import PackFormat
import Quantization
import Tensors

/// A tensor under way: what its tiles add up to, taken in row order.
struct TensorAssembly: Sendable {
  /// The finished tensor, after its last tile.
  private(set) var outcome: TensorOutcome?
  private let layout: TensorLayout
  private var hasher = SHA256Hasher()
  private var statistics = EncodingStatistics()
  /// The scales so far, which follow all codes in the digest.
  private var scales: [UInt8] = []

  /// A tensor that has not been read yet.
  init(_ layout: TensorLayout) {
    self.layout = layout
  }

  /// Takes the next tile.
  ///
  /// - Throws: ``EncodingError`` after the last, if values overflowed.
  mutating func add(
    _ tile: RowEncoder, rows: Range<Int>, from sourceDType: DType
  ) throws(EncodingError) {
    hasher.update(tile.primary.bytes)
    tile.scales.bytes.append(to: &scales)
    for row in tile.rows { statistics.add(row) }
    guard rows.upperBound == layout.tensor.shape.rows else { return }
    try statistics.checkOverflow(in: layout.encoding)
    let allScales = scales
    scales = []
    hasher.update(allScales.span.rawBytes)
    let record = Manifest.TensorRecord(
      sha256: hasher.finalized(), sourceDType: sourceDType,
      error: statistics.isExact ? nil : statistics.error)
    outcome = TensorOutcome(layout: layout, statistics: statistics, record: record)
  }
}
