/// The text of a progress line: what is done, rate and time left.
public struct ProgressLine: Sendable {
  /// What is counted.
  public enum Unit: Hashable, Sendable {
    /// Bytes, in decimal units.
    case bytes
    /// Things with a plural name, such as `tokens`.
    case things(String)
  }

  private let label: String
  private let total: Int
  private let unit: Unit

  /// A line for work over `total` bytes, or things.
  public init(label: String, total: Int, unit: Unit = .bytes) {
    self.label = label
    self.total = total
    self.unit = unit
  }

  /// The text after `done` bytes in `seconds`.
  public func text(done: Int, seconds: Double) -> String {
    let percent =
      total > 0 ? min(100, Int((100 * Double(done) / Double(total)).rounded(.down))) : 100
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let left = rate > 0 ? Double(max(0, total - done)) / rate : 0
    let amounts: String
    switch unit {
    case .bytes:
      amounts =
        "\(Numbers.bytes(done)) of \(Numbers.bytes(total))  \(Numbers.bytes(Int(rate)))/s"
    case .things(let name):
      amounts =
        "\(Numbers.grouped(done)) of \(Numbers.grouped(total)) \(name)  "
        + "\(Numbers.fixed(rate, digits: rate < 10 ? 2 : 0))/s"
    }
    return "\(label)  \(percent) %  \(amounts)  \(Numbers.duration(seconds: left)) left"
  }
}
