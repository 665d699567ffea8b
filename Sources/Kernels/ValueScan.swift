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

  /// Scans the next row.
  public mutating func add(_ row: Span<Float>) {
    var bits: UInt32 = 0
    for index in row.indices { bits = max(bits, row[index].bitPattern & 0x7FFF_FFFF) }
    // The largest magnitude of a row tells whether its elements need a look: 65520 and more round
    // to infinity in binary16.
    if bits == 0 {
      zeroRows.add(at: rows)
    } else if bits >= Float(65520).bitPattern {
      inspect(row)
    } else {
      largest = max(largest, Float(bitPattern: bits))
    }
    rows += 1
    elements += row.count
  }

  private mutating func inspect(_ row: Span<Float>) {
    for index in row.indices {
      let value = row[index]
      if !value.isFinite {
        nonFinite.add(at: elements + index)
        continue
      }
      largest = max(largest, value.magnitude)
      if value.magnitude >= 65520 { beyondF16.add(at: elements + index) }
    }
  }
}
