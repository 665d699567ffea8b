import CMuninnMath

/// An axis laid out over values: the position of each value, and the ticks.
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
    let sane = shown.compactMap { Self.sane($0, axis.scale) }
    let isWhole = sane.allSatisfy { $0 == $0.rounded() }
    var (low, high) = Self.ends(sane, axis.scale)
    let grid = TickGrid(low, high, axis.scale, limit: max(2, tickLimit), isWhole: isWhole)
    if isRounded {
      let outer = grid.rounded(low, high)
      // A logarithmic axis does not reach zero.
      (low, high) = (axis.scale == .linear || outer.0 > 0 ? outer.0 : low, outer.1)
    }
    (lower, upper) = (low, high)
    ticks = grid.ticks(from: low, through: high).filter { tick in
      // What rounding has moved by a hair is still within the ends.
      Self.part(tick, from: low, to: high, axis.scale).map { $0 > -1e-9 && $0 < 1 + 1e-9 } ?? false
    }
    labels = TickText.labels(ticks, axis.scale)
  }

  /// A value within the range in which differences and ratios of values are numbers; nil for one
  /// that has no place or is too large, and zero for one that is too small to matter.
  private static func sane(_ value: Double, _ scale: Axis.Scale) -> Double? {
    guard position(of: value, scale) != nil, value.magnitude < 1e290 else { return nil }
    guard value.magnitude < 1e-290 else { return value }
    return scale == .linear ? 0 : nil
  }

  /// The position of a value: 0 at the lower end, 1 at the upper; nil if it has no position.
  func position(_ value: Double) -> Double? {
    Self.part(value, from: lower, to: upper, scale)
  }

  private static func part(
    _ value: Double, from lower: Double, to upper: Double, _ scale: Axis.Scale
  ) -> Double? {
    guard let place = position(of: value, scale), let start = position(of: lower, scale),
      let end = position(of: upper, scale)
    else { return nil }
    return (place - start) / (end - start)
  }

  /// A value's place on an endless axis, nil if it has none.
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
