/// Vectors as the rows of a matrix are multiplied with: values for values, fixed point for codes, one
/// by one or in panels of several whose elements lie beside each other.
public struct PreparedVectors: Sendable {
  enum Elements: Sendable {
    case values([Float])
    /// Elements in the 32 bits that their parts take, and the unit of each vector.
    case fixedPoint([Int32], units: [Float])
  }

  /// Vectors that follow each other, in panels of one size.
  struct Panels: Sendable {
    /// The vectors of a panel.
    let size: Int
    /// Which vectors; the last panel is filled up with zeros.
    let vectors: Range<Int>
    /// The elements of a panel.
    let length: Int
    /// Where the first panel's begin.
    let offset: Int
  }

  /// How many vectors.
  public let count: Int
  /// The elements of each.
  public let columns: Int
  /// The level of the kernels that can multiply with them.
  let level: CPULevel
  /// The bits of the codes that they are for; nil for values.
  let bitsPerCode: Int?
  let panels: [Panels]
  let elements: Elements

  /// Vectors in binary32.
  init(values x: Span<Float>, columns: Int, _ kernels: KernelSet) {
    (count, self.columns, level) = (Self.count(x, columns), columns, kernels.level)
    bitsPerCode = nil
    // Whole steps of 16 columns; a panel of one is the vector itself.
    let padded = (columns + 15) / 16 * 16
    let whole = (count + 1) / 4 * 4
    panels = Self.panels([(4, 0..<min(whole, count)), (1, min(whole, count)..<count)]) { size in
      size == 1 ? columns : size * padded
    }
    var values = [Float](repeating: 0, count: Self.length(panels))
    for panels in panels {
      panels.forEach { vectors, place in
        let some = x.extracting(vectors.lowerBound * columns..<vectors.upperBound * columns)
        if panels.size == 1 {
          for column in some.indices { values[place + column] = some[column] }
        } else {
          kernels.pack(some, columns, into: &values, at: place)
        }
      }
    }
    elements = .values(values)
  }

  /// Vectors in fixed point.
  init(fixedPoint x: Span<Float>, columns: Int, bitsPerCode: Int, _ kernels: KernelSet) {
    self.bitsPerCode = bitsPerCode
    (count, self.columns, level) = (Self.count(x, columns), columns, kernels.level)
    // Whole steps of 32 columns. Sixteen vectors at a time are fastest where few are missing; up to
    // two, one by one are.
    let padded = (columns + 31) / 32 * 32
    let whole = min((count + 4) / 16 * 16, count)
    let few = count - whole > 2 ? 4 : 1
    panels = Self.panels([(16, 0..<whole), (few, whole..<count)]) { $0 * padded }
    var elements = [Int32](repeating: 0, count: Self.length(panels))
    var units = [Float](repeating: 0, count: count + 15)
    for panels in panels {
      panels.forEach { vectors, place in
        let some = x.extracting(vectors.lowerBound * columns..<vectors.upperBound * columns)
        kernels.fix(
          some, columns, panels.size, bitsPerCode: bitsPerCode, into: &elements, at: place, &units,
          at: vectors.lowerBound)
      }
    }
    self.elements = .fixedPoint(elements, units: units)
  }

  private static func count(_ x: Span<Float>, _ columns: Int) -> Int {
    let count = columns == 0 ? 0 : x.count / columns
    precondition(x.count == count * columns, "whole vectors")
    return count
  }

  private static func panels(
    _ parts: [(size: Int, vectors: Range<Int>)], length: (_ size: Int) -> Int
  ) -> [Panels] {
    var (panels, offset): ([Panels], Int) = ([], 0)
    for (size, vectors) in parts where !vectors.isEmpty {
      panels.append(Panels(size: size, vectors: vectors, length: length(size), offset: offset))
      offset = Self.length(panels)
    }
    return panels
  }

  private static func length(_ panels: [Panels]) -> Int {
    panels.last.map { $0.offset + $0.length * (($0.vectors.count + $0.size - 1) / $0.size) } ?? 0
  }
}

extension PreparedVectors.Panels {
  /// Each panel's vectors, and where its elements begin.
  fileprivate func forEach(_ body: (_ vectors: Range<Int>, _ place: Int) -> Void) {
    var place = offset
    for first in stride(from: vectors.lowerBound, to: vectors.upperBound, by: size) {
      body(first..<min(first + size, vectors.upperBound), place)
      place += length
    }
  }
}
