import FileAccess
import Kernels
import Tensors

/// Encodes a tensor tile by tile, whole rows at a time, and measures what that loses.
///
/// Buffers are reused from tile to tile; ``primary`` and ``scales`` are the last tile's bytes.
public struct RowEncoder: Sendable {
  /// The encoding.
  public let encoding: Encoding
  /// The elements of a row.
  public let columns: Int
  /// What the encoding did, over all rows so far.
  public private(set) var statistics = EncodingStatistics()

  private var floats: [Float] = []  // [rows, columns], values of f32
  private var halves: [UInt16] = []  // [rows, columns], values of f16 and bf16
  private var codes: [Int8] = []  // [rows, columns], of int8
  private var rowScales: [Float] = []  // [rows]
  private var groupScales: [UInt16] = []  // [rows, columns / groupSize], F16 bits
  private var rowsSeen = 0

  /// An encoder for rows of `columns`, which the encoding must tile.
  public init(_ encoding: Encoding, columns: Int) {
    self.encoding = encoding
    self.columns = columns
  }

  /// The bytes of the last tile's values or codes.
  public var primary: RawSpan {
    switch encoding {
    case .f32: floats.span.rawBytes
    case .bf16, .f16: halves.span.rawBytes
    case .int8Row, .int8Group: codes.span.rawBytes
    }
  }

  /// The bytes of the last tile's scales; empty without scales.
  public var scales: RawSpan {
    switch encoding {
    case .int8Group: groupScales.span.rawBytes
    case .f32, .bf16, .f16, .int8Row: rowScales.span.rawBytes
    }
  }

  /// Encodes the next rows.
  ///
  /// Values that overflow the encoding are counted, so that the error at the end names them all.
  ///
  /// - Parameter source: `[rows, columns]`.
  /// - Throws: ``EncodingError/nonFinite(value:row:column:)``.
  public mutating func encode(_ source: Span<Float>) throws(EncodingError) {
    precondition(source.count.isMultiple(of: columns))
    if let index = firstNonFinite(source) {
      throw .nonFinite(
        value: source[index], row: rowsSeen + index / columns, column: index % columns)
    }
    let rows = source.count / columns
    switch encoding {
    case .f32:
      encodeF32(source)
    case .bf16:
      halves.resize(to: source.count)
      var span = halves.mutableSpan
      let overflowed = narrowToBF16(source, into: &span)
      statistics.overflowed += overflowed
      measureHalves(source, rows: rows) { widenBF16($0, into: &$1) }
    case .f16:
      halves.resize(to: source.count)
      var span = halves.mutableSpan
      let counts = narrowToF16(source, into: &span)
      statistics.overflowed += counts.overflowed
      statistics.underflowed += counts.underflowed
      measureHalves(source, rows: rows) { widenF16($0, into: &$1) }
    case .int8Row:
      rowScales.resize(to: rows)
      encodeInt8(source, rows: rows, groupSize: columns)
    case .int8Group(let size):
      groupScales.resize(to: source.count / size)
      encodeInt8(source, rows: rows, groupSize: size)
    }
    if statistics.overflowed > 0 {
      statistics.largest = max(statistics.largest, absoluteMaximum(source))
    }
    rowsSeen += rows
  }

  /// Checks, after the last row, that nothing overflowed.
  ///
  /// - Throws: ``EncodingError/overflow(encoding:count:largest:)``,
  ///   ``EncodingError/scaleOverflow(encoding:count:largest:)``.
  public func finish() throws(EncodingError) {
    guard statistics.overflowed > 0 else { return }
    let (count, largest) = (statistics.overflowed, statistics.largest)
    switch encoding {
    case .int8Row, .int8Group:
      throw .scaleOverflow(encoding: encoding, count: count, largest: largest)
    case .f32, .bf16, .f16:
      throw .overflow(encoding: encoding, count: count, largest: largest)
    }
  }

  // MARK: - Encodings

  private mutating func encodeF32(_ source: Span<Float>) {
    floats.resize(to: source.count)
    var span = floats.mutableSpan
    for index in source.indices { span[index] = source[index] }
    // F32, F16 and BF16 values are all binary32 values: nothing is lost and nothing to measure.
  }

  private mutating func measureHalves(
    _ source: Span<Float>, rows: Int,
    widen: (_ bits: Span<UInt16>, _ values: inout MutableSpan<Float>) -> Void
  ) {
    var decoded = [Float](repeating: 0, count: columns)  // what a reader gets of one row
    for row in 0..<rows {
      let range = row * columns..<(row + 1) * columns
      var span = decoded.mutableSpan
      widen(halves.span.extracting(range), &span)
      let sums = ErrorSums(decoded: decoded.span, source: source.extracting(range))
      statistics.error.add(sums)
    }
  }

  private mutating func encodeInt8(_ source: Span<Float>, rows: Int, groupSize: Int) {
    codes.resize(to: source.count)
    var decoded = [Float](repeating: 0, count: columns)  // what a reader gets of one row
    for row in 0..<rows {
      let start = row * columns
      for group in stride(from: 0, to: columns, by: groupSize) {
        let range = start + group..<start + group + groupSize
        let values = source.extracting(range)
        let scale = storeScale(of: values, at: range.lowerBound / groupSize)
        var codeSpan = codes.mutableSpan
        var codesOfGroup = codeSpan.part(range)
        let clamped = Kernels.encodeInt8(values, scale: scale, into: &codesOfGroup)
        statistics.clamped += clamped
        var decodedSpan = decoded.mutableSpan
        var decodedGroup = decodedSpan.part(group..<group + groupSize)
        decodeInt8(codes.span.extracting(range), scale: scale, into: &decodedGroup)
      }
      let sums = ErrorSums(
        decoded: decoded.span, source: source.extracting(start..<start + columns))
      statistics.error.add(sums)
    }
  }

  /// Stores the scale of one row or group, and returns it as stored.
  private mutating func storeScale(of values: Span<Float>, at index: Int) -> Float {
    let largest = absoluteMaximum(values)
    let scale = largest / 127
    guard case .int8Group = encoding else {
      rowScales[index] = scale
      // Near binary32's limit, a scale rounded up would decode 127 to infinity.
      if !(scale * 127).isFinite { statistics.overflowed += 1 }
      return scale
    }
    var bits = scale.f16Bits
    // A group that is not all zero keeps a scale: the smallest that F16 has.
    if bits == 0 && largest > 0 { bits = 1 }
    if bits == 0x7C00 { statistics.overflowed += 1 }
    groupScales[index] = bits
    return Float(f16Bits: bits)
  }
}
