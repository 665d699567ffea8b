/// The text of a progress line: bytes, rate and time left.
public struct ProgressLine: Sendable {
  private let label: String
  private let total: Int

  /// A line for work over `total` bytes.
  public init(label: String, total: Int) {
    self.label = label
    self.total = total
  }

  /// The text after `done` bytes in `seconds`.
  public func text(done: Int, seconds: Double) -> String {
    let percent =
      total > 0 ? min(100, Int((100 * Double(done) / Double(total)).rounded(.down))) : 100
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let left = rate > 0 ? Double(max(0, total - done)) / rate : 0
    return "\(label)  \(percent) %  \(Numbers.bytes(done)) of \(Numbers.bytes(total))  "
      + "\(Numbers.bytes(Int(rate)))/s  \(Numbers.duration(seconds: left)) left"
  }
}
