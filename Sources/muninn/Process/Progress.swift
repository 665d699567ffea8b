import Parallelism
import Presentation
import Synchronization

/// Shows how far work has come, on standard error of a terminal only.
final class Progress: Sendable {
  private let line: ProgressLine
  private let isShown: Bool
  private let start = ContinuousClock.now
  private let state = Mutex((done: 0, shownAt: ContinuousClock.now, isVisible: false))

  /// Progress over `total` bytes, or other things.
  init(
    _ label: String, total: Int, unit: ProgressLine.Unit = .bytes, options: ReportOptions
  ) {
    line = ProgressLine(label: label, total: total, unit: unit)
    isShown = !options.quiet && !options.json && Terminal.isInteractive(.error)
  }

  /// What the work reports to; it also learns here that the user wants it to stop.
  var monitor: Monitor {
    Monitor(
      advance: { [self] count in advance(by: count) },
      isCancelled: { Interruption.isRequested })
  }

  /// Counts what was done; `remark` stands at the end of the line.
  func advance(by count: Int, remark: @autoclosure () -> String = "") {
    guard isShown else { return }
    let now = ContinuousClock.now
    let done: Int? = state.withLock { state in
      state.done += count
      guard now - state.shownAt >= .milliseconds(100) else { return nil }
      (state.shownAt, state.isVisible) = (now, true)
      return state.done
    }
    if let done { show(done, now, remark: remark()) }
  }

  private func show(_ done: Int, _ now: ContinuousClock.Instant, remark: String) {
    let elapsed = (now - start).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    // A line longer than the terminal, which may have been resized, would wrap and pile up.
    let text = (line.text(done: done, seconds: seconds) + remark).prefix(
      Terminal.columns(.error) - 1)
    Terminal.write("\r\u{1B}[K" + text, to: .error)
  }

  /// Clears the line, if it stands there.
  func finish() {
    let wasVisible = state.withLock { state in
      defer { state.isVisible = false }
      return state.isVisible
    }
    if wasVisible { Terminal.write("\r\u{1B}[K", to: .error) }
  }
}
