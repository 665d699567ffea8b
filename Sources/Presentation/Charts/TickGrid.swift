import CMuninnMath

/// The values of an axis that read well: multiples of a step, or powers of a base.
enum TickGrid {
  /// The multiples of 1, 2 or 5 times a power of ten; the step is its reciprocal where it is less
  /// than 1, so that each tick is the nearest number to its decimal.
  case multiples(of: Double, isReciprocal: Bool)
  /// The powers of a base whose exponents are multiples of a stride, times 1 or also 2 and 5.
  case powers(of: Double, stride: Int, times: [Double])

  /// The grid for an interval.
  ///
  /// - Parameters:
  ///   - lower: The interval's start.
  ///   - upper: Its end, larger.
  ///   - scale: How values are laid out.
  ///   - limit: About the most ticks.
  ///   - isWhole: Whether only whole numbers are of interest.
  init(_ lower: Double, _ upper: Double, _ scale: Axis.Scale, limit: Int, isWhole: Bool) {
    let base: Double = scale == .log2 ? 2 : 10
    let powers = scale == .linear ? 0 : (log2(upper) - log2(lower)) / log2(base)
    guard powers >= (scale == .log2 ? 1.5 : 1) else {
      self = Self.multiples(lower, upper, limit: limit, isWhole: isWhole)
      return
    }
    let stride = max(1, Int((powers / Double(limit)).rounded(.up)))
    let times = scale == .log10 && 3 * powers <= Double(limit) ? [1.0, 2, 5] : [1]
    self = .powers(of: base, stride: stride, times: times)
  }

  private static func multiples(
    _ lower: Double, _ upper: Double, limit: Int, isWhole: Bool
  ) -> Self {
    let rough = max((upper - lower) / Double(limit), isWhole ? 1 : 0)
    var exponent = Int(log10(rough).rounded(.down))
    let mantissa = rough / pow(10, Double(exponent))
    var digit = [1.0, 2, 5].first { $0 >= mantissa * 0.85 } ?? 10
    if digit == 10 { (digit, exponent) = (1, exponent + 1) }
    guard exponent < 0, exponent > -300 else {
      return .multiples(of: digit * pow(10, Double(exponent)), isReciprocal: false)
    }
    // 0.2 is 1/5, 0.05 is 1/20: their multiples are quotients, the nearest to what is written.
    return .multiples(of: pow(10, Double(-exponent)) / digit, isReciprocal: true)
  }

  /// The interval made longer until it begins and ends at a tick.
  func rounded(_ lower: Double, _ upper: Double) -> (Double, Double) {
    switch self {
    case .multiples(let step, let isReciprocal):
      let (start, end) = indices(lower, upper, step, isReciprocal, outwards: true)
      return (value(start, step, isReciprocal), value(end, step, isReciprocal))
    case .powers(let base, _, _):
      // A whole decade could be mostly empty: the ends of decimal axes are also at 2 and 5.
      let steps = base == 2 ? [1.0, 2] : [1, 2, 5, 10]
      func power(below value: Double) -> Double {
        pow(base, (log2(value) / log2(base)).rounded(.down))
      }
      let (start, end) = (power(below: lower * (1 + 1e-9)), power(below: upper * (1 - 1e-9)))
      return (
        start * (steps.last { start * $0 <= lower * (1 + 1e-9) } ?? 1),
        end * (steps.first { end * $0 >= upper * (1 - 1e-9) } ?? base)
      )
    }
  }

  /// The ticks within an interval, about.
  func ticks(from lower: Double, through upper: Double) -> [Double] {
    switch self {
    case .multiples(let step, let isReciprocal):
      let (start, end) = indices(lower, upper, step, isReciprocal, outwards: false)
      guard start <= end, end - start < 1000 else { return [] }
      return stride(from: start, through: end, by: 1).map { value($0, step, isReciprocal) }
    case .powers(let base, let stride, let times):
      let first = Int((log2(lower) / log2(base)).rounded(.down)) - 1
      let last = Int((log2(upper) / log2(base)).rounded(.up)) + 1
      return (first...max(first, last)).filter { $0.isMultiple(of: stride) }.flatMap { exponent in
        times.map { $0 * power(base, exponent) }
      }
    }
  }

  /// The power, exact where the quotient of its reciprocal is nearer than `pow`.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    exponent < 0 ? 1 / pow(base, Double(-exponent)) : pow(base, Double(exponent))
  }

  /// The tick of an index.
  private func value(_ index: Double, _ step: Double, _ isReciprocal: Bool) -> Double {
    isReciprocal ? index / step : index * step
  }

  /// The indices of the ticks nearest to the ends.
  private func indices(
    _ lower: Double, _ upper: Double, _ step: Double, _ isReciprocal: Bool, outwards: Bool
  ) -> (Double, Double) {
    let (start, end) =
      isReciprocal ? (lower * step, upper * step) : (lower / step, upper / step)
    let slack = (end - start) * 1e-9
    return outwards
      ? ((start + slack).rounded(.down), (end - slack).rounded(.up))
      : ((start - slack).rounded(.up), (end + slack).rounded(.down))
  }
}
