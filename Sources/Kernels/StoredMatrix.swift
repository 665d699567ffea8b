public import Tensors

/// How the elements of a stored matrix are written.
public enum MatrixScheme: Hashable, Sendable {
  /// Values in binary32, binary16 or bfloat16.
  case f32, f16, bf16
  /// 8-bit codes with one F32 scale a row.
  case int8Row
  /// 8-bit codes with an F16 scale for each group of `size` columns, a multiple of 16.
  case int8Groups(size: Int)

  /// The bytes of one element, scales apart.
  public var elementByteCount: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .int8Row, .int8Groups: 1
    }
  }

  /// The dtype of values; nil of codes.
  public var dtype: DType? {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .int8Row, .int8Groups: nil
    }
  }

  /// The columns that share an F16 scale; nil without groups.
  var groupSize: Int? {
    if case .int8Groups(let size) = self { size } else { nil }
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
    if case .int8Groups(let size) = scheme {
      precondition(size > 0 && size.isMultiple(of: 16) && columns.isMultiple(of: size))
    }
    precondition(elements.byteCount == rows * columns * scheme.elementByteCount)
    precondition(scales.byteCount == rows * Self.rowScaleByteCount(scheme, columns))
    self.scheme = scheme
    self.rows = rows
    self.columns = columns
    self.elements = elements
    self.scales = scales
  }

  /// Some of its rows.
  @_lifetime(copy self)
  public func extracting(rows range: Range<Int>) -> StoredMatrix {
    let row = columns * scheme.elementByteCount
    let scale = Self.rowScaleByteCount(scheme, columns)
    return StoredMatrix(
      scheme, rows: range.count, columns: columns,
      elements: elements.extracting(range.lowerBound * row..<range.upperBound * row),
      scales: scales.extracting(range.lowerBound * scale..<range.upperBound * scale))
  }

  private static func rowScaleByteCount(_ scheme: MatrixScheme, _ columns: Int) -> Int {
    switch scheme {
    case .f32, .f16, .bf16: 0
    case .int8Row: 4
    case .int8Groups(let size): 2 * (columns / size)
    }
  }
}
