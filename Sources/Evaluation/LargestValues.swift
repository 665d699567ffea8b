/// The largest of many values: enough of them for an exact 99th percentile.
///
/// The number of values is known beforehand, and smaller ones do not affect the result.
struct LargestValues: Equatable, Sendable {
  /// The values that are expected.
  let total: Int
  /// The largest so far, descending.
  private(set) var values: [Double]

  /// No value of `total` yet.
  init(total: Int, values: [Double] = []) {
    self.total = total
    self.values = values
  }

  /// The values that decide the percentile: those from its rank up.
  private var capacity: Int { total - Int(0.99 * Double(max(0, total - 1))) }

  /// Takes further values.
  mutating func add(_ more: [Double]) {
    values = Array((values + more).sorted(by: >).prefix(capacity))
  }

  /// The largest; 0 of none.
  var maximum: Double { values.first ?? 0 }

  /// The 99th percentile, linear between the two values around rank 0.99 · (n − 1), as numpy has
  /// it; 0 of none.
  var percentile99: Double {
    guard total > 0, values.count == capacity else { return maximum }
    let rank = 0.99 * Double(total - 1)
    let lower = Int(rank)
    // Descending: the value of ascending rank k stands at total − 1 − k.
    let (low, high) = (values[total - 1 - lower], values[max(0, total - 2 - lower)])
    return low + (rank - Double(lower)) * (high - low)
  }
}
