import Dispatch
import Parallelism
import Synchronization
import TestSupport
import Testing

struct WorkersTests {
  /// The failure of one task.
  struct Failure: Error, Equatable {
    let index: Int
  }

  /// How long a rendezvous may take before it counts as failed; none waits when all is well.
  private static let patience = DispatchTimeInterval.seconds(60)

  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 1000])
  func `each index is run exactly once`(threads: Int, tasks: Int) {
    let runs = Mutex([Int](repeating: 0, count: tasks))
    Workers(count: threads).run(tasks) { index in
      runs.withLock { $0[index] += 1 }
    }
    #expect(runs.withLock { $0 } == Array(repeating: 1, count: tasks))
  }

  @Test func `one worker runs the tasks in order`() {
    let order = Mutex<[Int]>([])
    Workers(count: 1).run(100) { index in order.withLock { $0.append(index) } }
    #expect(order.withLock { $0 } == Array(0..<100))
  }

  @Test func `as many tasks are under way at once as there are workers`() {
    let arrived = Atomic<Int>(0)
    let allArrived = DispatchSemaphore(value: 0)
    let met = Atomic<Int>(0)
    Workers(count: 3).run(3) { _ in
      if arrived.wrappingAdd(1, ordering: .relaxed).newValue == 3 {
        for _ in 0..<3 { allArrived.signal() }
      }
      if allArrived.wait(timeout: .now() + Self.patience) == .success {
        met.wrappingAdd(1, ordering: .relaxed)
      }
    }
    #expect(met.load(ordering: .relaxed) == 3)
  }

  @Test func `more workers than tasks run each task once`() {
    let sum = Atomic<Int>(0)
    Workers(count: 64).run(3) { sum.wrappingAdd(1 << (8 * $0), ordering: .relaxed) }
    #expect(sum.load(ordering: .relaxed) == 0x010101)
  }

  @Test(arguments: [-3, 0, 1])
  func `there is always one worker, the caller's own thread`(count: Int) {
    #expect(Workers(count: count).count == 1)
  }

  @Test func `a count that is given is kept and the default is one for each processor`() {
    #expect(Workers(count: 7).count == 7)
    #expect(Workers().count >= 1)
    #expect(Workers().count == Workers(count: nil).count)
  }

  // MARK: - Failures

  @Test(arguments: [1, 2, 4, 8])
  func `the error of the lowest index that fails is thrown, on any schedule`(threads: Int) {
    var generator = SeededGenerator(seed: UInt64(threads))
    for _ in 0..<200 {
      let failing = Set((0..<5).map { _ in Int.random(in: 0..<50, using: &generator) })
      let lowest = failing.min() ?? 0
      #expect(throws: Failure(index: lowest)) {
        try Workers(count: threads).run(50) { (index) throws(Failure) in
          if failing.contains(index) { throw Failure(index: index) }
        }
      }
    }
  }

  @Test func `a lower index that fails later than a higher one still wins`() {
    let higherFails = DispatchSemaphore(value: 0)
    #expect(throws: Failure(index: 0)) {
      try Workers(count: 2).run(2) { (index) throws(Failure) in
        if index == 1 {
          higherFails.signal()
        } else if higherFails.wait(timeout: .now() + Self.patience) == .timedOut {
          return
        }
        throw Failure(index: index)
      }
    }
  }

  @Test func `after a failure one worker runs nothing more`() {
    let order = Mutex<[Int]>([])
    #expect(throws: Failure(index: 3)) {
      try Workers(count: 1).run(100) { (index) throws(Failure) in
        order.withLock { $0.append(index) }
        if index >= 3 { throw Failure(index: index) }
      }
    }
    #expect(order.withLock { $0 } == [0, 1, 2, 3])
  }

  @Test(arguments: [1, 2, 4, 8])
  func `after a failure no worker claims another task`(threads: Int) {
    for _ in 0..<100 {
      let started = Atomic<Int>(0)
      #expect(throws: Failure.self) {
        try Workers(count: threads).run(1000) { (index) throws(Failure) in
          started.wrappingAdd(1, ordering: .relaxed)
          throw Failure(index: index)
        }
      }
      // Each has claimed at most the one task that failed in its hands.
      #expect((1...threads).contains(started.load(ordering: .relaxed)))
    }
  }

  @Test func `tasks under way when another fails are finished before the error is thrown`() {
    let otherFailed = DispatchSemaphore(value: 0)
    let finished = Atomic<Bool>(false)
    #expect(throws: Failure(index: 1)) {
      try Workers(count: 2).run(2) { (index) throws(Failure) in
        if index == 1 {
          otherFailed.signal()
          throw Failure(index: 1)
        }
        let result = otherFailed.wait(timeout: .now() + Self.patience)
        finished.store(result == .success, ordering: .relaxed)
      }
    }
    let isFinished = finished.load(ordering: .relaxed)
    #expect(isFinished)
  }
}
