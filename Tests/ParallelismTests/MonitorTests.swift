import Parallelism
import Synchronization
import Testing

struct MonitorTests {
  /// What a monitor was told.
  private final class Recorder: Sendable {
    let runs = Mutex<[Int]>([])
  }

  @Test func `what is done is passed on, run by run`() {
    let recorder = Recorder()
    let monitor = Monitor(
      advance: { run in recorder.runs.withLock { $0.append(run) } }, isCancelled: { false })
    monitor.advance(by: 5)
    monitor.advance(by: 0)
    monitor.advance(by: 1 << 40)
    #expect(recorder.runs.withLock { $0 } == [5, 0, 1 << 40])
  }

  @Test func `whether to stop is asked anew each time`() {
    let recorder = Recorder()
    let monitor = Monitor(
      advance: { run in recorder.runs.withLock { $0.append(run) } },
      isCancelled: { recorder.runs.withLock { $0.count } >= 2 })
    #expect(!monitor.isCancelled)
    monitor.advance(by: 1)
    #expect(!monitor.isCancelled)
    monitor.advance(by: 1)
    #expect(monitor.isCancelled)
  }

  @Test func `the monitor that nobody watches never stops the work`() {
    Monitor.none.advance(by: 1)
    #expect(!Monitor.none.isCancelled)
  }
}
