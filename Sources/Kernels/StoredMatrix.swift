public import Tensors

/// How the elements of a stored matrix are written.
public enum MatrixScheme: Hashable, Sendable {
  /// Values in binary32, binary16 or bfloat16.
  case f32, f16, bf16
  /// 8-bit codes with one F32 scale a row.
  case int8Row
  /// 8-bit codes with an F16 scale for each group of `size` columns, a multiple of 16.
  case int8Groups(size: Int)
  /// 4-bit codes, two in a byte (``Int4``), with an F16 scale for each group of `size` columns, a
  /// multiple of 32.
  case int4Groups(size: Int)

  /// The bits of one element, scales apart.
  public var bitsPerElement: Int {
    switch self {
    case .f32: 32
    case .f16, .bf16: 16
    case .int8Row, .int8Groups: 8
    case .int4Groups: 4
    }
  }

  /// The dtype of values; nil of codes.
  public var dtype: DType? {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .int8Row, .int8Groups, .int4Groups: nil
    }
  }

  /// The columns that share an F16 scale; nil without groups.
  var groupSize: Int? {
    switch self {
    case .int8Groups(let size), .int4Groups(let size): size
    case .f32, .f16, .bf16, .int8Row: nil
    }
  }

  /// The bytes of a row of elements.
  fileprivate func rowByteCount(_ columns: Int) -> Int { columns * bitsPerElement / 8 }

  /// The bytes of a row's scales.
  fileprivate func rowScaleByteCount(_ columns: Int) -> Int {
    switch self {
    case .f32, .f16, .bf16: 0
    case .int8Row: 4
    case .int8Groups(let size), .int4Groups(let size): 2 * (columns / size)
    }
  }
}

/// A matrix `[rows, columns]` where it lies, at any alignment: nothing is copied or expanded.
public struct StoredMatrix: ~Escapable, Sendable {
  /// How its elements are written.
  public let scheme: MatrixScheme
  /// The number of rows.
  public let rows: Int
  /// The elements of a row.
  public let columns: Int
  /// The values or codes, row-major.
  public let elements: RawSpan
  /// The scales; empty without scales.
  public let scales: RawSpan

  /// A matrix over its bytes.
  @_lifetime(copy elements, copy scales)
  public init(
    _ scheme: MatrixScheme, rows: Int, columns: Int, elements: RawSpan, scales: RawSpan
  ) {
    if let size = scheme.groupSize {
      let unit = 128 / scheme.bitsPerElement
      precondition(size > 0 && size.isMultiple(of: unit) && columns.isMultiple(of: size))
    }
    precondition(elements.byteCount == rows * scheme.rowByteCount(columns))
    precondition(scales.byteCount == rows * scheme.rowScaleByteCount(columns))
    self.scheme = scheme
    self.rows = rows
    self.columns = columns
    self.elements = elements
    self.scales = scales
  }

  /// Some of its rows.
  @_lifetime(copy self)
  public func extracting(rows range: Range<Int>) -> StoredMatrix {
    let (row, scale) = (scheme.rowByteCount(columns), scheme.rowScaleByteCount(columns))
    return StoredMatrix(
      scheme, rows: range.count, columns: columns,
      elements: elements.extracting(range.lowerBound * row..<range.upperBound * row),
      scales: scales.extracting(range.lowerBound * scale..<range.upperBound * scale))
  }
}
