import Synchronization

/// A bounded number of threads that work through a list of tasks.
///
/// The only place that knows threads: libraries stay synchronous, and the tasks of one run write
/// to disjoint places, so the result does not depend on ``count``.
public struct Workers: Sendable {
  /// The threads used, the caller's among them.
  public let count: Int

  /// Workers for `count` threads; by default, one for each processor.
  public init(count: Int? = nil) {
    self.count = max(1, count ?? availableProcessors())
  }

  /// Runs `body` for every index below `taskCount`, in order of claiming, and waits for all.
  ///
  /// - Throws: the error of the lowest index that failed; tasks not yet claimed are not run.
  public func run<Failure: Error>(
    _ taskCount: Int, _ body: @Sendable (_ index: Int) throws(Failure) -> Void
  ) throws(Failure) {
    let next = Atomic<Int>(0)
    let failure = Mutex<(index: Int, error: Failure)?>(nil)
    runOnThreads(min(count, taskCount)) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < taskCount else { return }
        do throws(Failure) {
          try body(index)
        } catch {
          // Every lower index has been claimed and will report, so the lowest one wins on any
          // schedule.
          next.store(taskCount, ordering: .relaxed)
          failure.withLock { first in
            if index < first?.index ?? Int.max { first = (index, error) }
          }
        }
      }
    }
    if let error = failure.withLock({ $0?.error }) { throw error }
  }

  /// The results of `body` for every index below `count`, in order.
  public func map<Value: Sendable>(
    _ count: Int, _ body: @Sendable (_ index: Int) -> Value
  ) -> [Value] {
    let values = Mutex([Value?](repeating: nil, count: count))
    run(count) { index in
      let value = body(index)
      values.withLock { $0[index] = value }
    }
    return values.withLock { $0.compactMap(\.self) }
  }

  /// Runs `body` once on every thread, and waits for all.
  func runOnEach(_ body: @Sendable () -> Void) {
    runOnThreads(count, body)
  }
}
