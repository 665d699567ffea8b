public import Tensors

/// What a scan over rows of values notices.
public struct ValueScan: Equatable, Sendable {
  /// How many values have a property, and the first of them, counted over all rows.
  public struct Occurrences: Equatable, Sendable {
    /// How many there are.
    public var count = 0
    /// The position of the first; nil without one.
    public var first: Int?

    mutating func add(at position: Int) {
      count += 1
      first = first ?? position
    }

    /// Adds those of rows that follow, whose positions begin at `offset`.
    mutating func add(_ next: Occurrences, offset: Int) {
      count += next.count
      first = first ?? next.first.map { $0 + offset }
    }
  }

  /// NaN and infinities, by element.
  public private(set) var nonFinite = Occurrences()
  /// Finite values that binary16 rounds to infinity, by element.
  public private(set) var beyondF16 = Occurrences()
  /// Rows without a value other than zero, by row.
  public private(set) var zeroRows = Occurrences()
  /// The largest finite magnitude.
  public private(set) var largest: Float = 0
  private var rows = 0
  private var elements = 0

  /// Nothing scanned.
  public init() {}

  /// Whether nothing but zeros was seen.
  public var isAllZero: Bool { rows > 0 && zeroRows.count == rows }

  /// Scans the next row, as it lies in a file.
  public mutating func add(_ row: RawSpan, of dtype: DType, _ kernels: KernelSet = .best) {
    let largest = kernels.largestMagnitude(row, of: dtype)
    let count = row.byteCount * 8 / dtype.bitsPerElement
    // The largest magnitude of a row tells whether its elements need a look: 65520 and more round
    // to infinity in binary16.
    if largest == 0 {
      zeroRows.add(at: rows)
    } else if largest < 65520 {
      self.largest = max(self.largest, largest)
    } else {
      var values = [Float](repeating: 0, count: count)
      var span = values.mutableSpan
      kernels.widen(row, of: dtype, into: &span)
      inspect(values)
    }
    rows += 1
    elements += count
  }

  /// Adds what a scan of the rows that follow noticed.
  public mutating func add(_ next: ValueScan) {
    nonFinite.add(next.nonFinite, offset: elements)
    beyondF16.add(next.beyondF16, offset: elements)
    zeroRows.add(next.zeroRows, offset: rows)
    largest = max(largest, next.largest)
    rows += next.rows
    elements += next.elements
  }

  private mutating func inspect(_ row: [Float]) {
    for (index, value) in row.enumerated() {
      if !value.isFinite {
        nonFinite.add(at: elements + index)
        continue
      }
      largest = max(largest, value.magnitude)
      if value.magnitude >= 65520 { beyondF16.add(at: elements + index) }
    }
  }
}
