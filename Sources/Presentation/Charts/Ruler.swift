#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// An axis laid out over values: where each value stands, and the ticks.
struct Ruler: Sendable {
  /// The values at its ends, of which the lower is less.
  let lower, upper: Double
  /// The marked values in rising order, all within the ends.
  let ticks: [Double]
  /// A mark's text for each tick.
  let labels: [String]
  private let scale: Axis.Scale

  /// The ruler of an axis that shows the values, those that are not finite, or on a logarithmic
  /// axis not positive, left out.
  ///
  /// - Parameters:
  ///   - axis: What is measured.
  ///   - values: The values of the data.
  ///   - tickLimit: About how many ticks there is room for.
  ///   - isRounded: Whether the ends are moved outwards to ticks, where that is little.
  init(_ axis: Axis, _ values: [Double], tickLimit: Int = 6, isRounded: Bool = true) {
    scale = axis.scale
    let shown = values + (axis.including.map { [$0.lowerBound, $0.upperBound] } ?? [])
    // Beyond these, differences and ratios leave the range of Double.
    let sane = shown.filter { Self.position(of: $0, axis.scale) != nil && $0.magnitude < 1e300 }
      .filter { axis.scale == .linear || $0 > 1e-300 }
    let isWhole = sane.allSatisfy { $0 == $0.rounded() }
    var (low, high) = Self.ends(sane, axis.scale)
    let grid = TickGrid(low, high, axis.scale, limit: max(2, tickLimit), isWhole: isWhole)
    if isRounded { (low, high) = grid.rounded(low, high) }
    (lower, upper) = (low, high)
    // What rounding has moved by a hair is still within the ends.
    let slack = (high - low) * 1e-9
    ticks = grid.ticks(from: low, through: high).filter { $0 >= low - slack && $0 <= high + slack }
    labels = TickText.labels(ticks, axis.scale)
  }

  /// Where a value stands: 0 at the lower end, 1 at the upper; nil where it has no place.
  func position(_ value: Double) -> Double? {
    guard let place = Self.position(of: value, scale), let start = Self.position(of: lower, scale),
      let end = Self.position(of: upper, scale)
    else { return nil }
    return (place - start) / (end - start)
  }

  /// A value's place on an endless axis, nil where it has none.
  private static func position(of value: Double, _ scale: Axis.Scale) -> Double? {
    guard value.isFinite else { return nil }
    guard scale != .linear else { return value }
    return value > 0 ? log2(value) : nil
  }

  /// The least and the largest value, made different.
  private static func ends(_ values: [Double], _ scale: Axis.Scale) -> (Double, Double) {
    guard let least = values.min(), let most = values.max() else {
      return scale == .linear ? (0, 1) : (1, scale == .log2 ? 2 : 10)
    }
    let isWide = most - least > max(least.magnitude, most.magnitude) * 1e-12
    guard !isWide else { return (least, most) }
    switch scale {
    case .linear where least == 0: return (0, 1)
    case .linear: return (least - least.magnitude / 2, most + most.magnitude / 2)
    case .log2: return (least / 2, most * 2)
    case .log10: return (least / 10, most * 10)
    }
  }
}
