import Parallelism
import Synchronization
import TestSupport
import Testing

struct PipelineTests {
  /// What a slot carries through the lanes.
  private struct Slot: Sendable {
    var item = -1
  }

  private struct Failure: Error, Equatable {
    let item: Int
  }

  private func run(
    _ routes: [[Int]], lanes: Int, threads: Int, slots: Int,
    failingAt failures: Set<Int> = [], inLanes: Bool = false
  ) throws(Failure) -> [[Int]] {
    try Pipeline(routes: routes, laneCount: lanes).run(
      on: Workers(count: threads), slots: Array(repeating: Slot(), count: slots),
      lanes: Array(repeating: [Int](), count: lanes),
      make: { item, slot throws(Failure) in
        slot.item = item
        if !inLanes && failures.contains(item) { throw Failure(item: item) }
      },
      visit: { item, lane, slot throws(Failure) in
        if inLanes && failures.contains(item) { throw Failure(item: item) }
        // The slot is the item's own until its last lane.
        lane.append(slot.item == item ? item : -1)
      })
  }

  @Test(arguments: [1, 2, 3, 8], [1, 2, 5, 40])
  func `each lane sees its items in order, whatever the threads and slots`(
    threads: Int, slots: Int
  ) throws {
    var generator = SeededGenerator(seed: 3)
    let routes = (0..<500).map { _ in
      (0..<6).filter { _ in Bool.random(using: &generator) }.shuffled(using: &generator)
    }
    let seen = try run(routes, lanes: 6, threads: threads, slots: slots)
    for lane in 0..<6 {
      #expect(seen[lane] == routes.indices.filter { routes[$0].contains(lane) })
    }
  }

  @Test func `no items and items without lanes end`() throws {
    #expect(try run([], lanes: 2, threads: 4, slots: 1) == [[], []])
    #expect(try run([[], [], []], lanes: 1, threads: 2, slots: 1) == [[]])
  }

  @Test(arguments: [1, 2, 7], [false, true])
  func `the failure of the lowest item is thrown on any schedule`(
    threads: Int, inLanes: Bool
  ) {
    let routes = (0..<200).map { [$0 % 3, 3 + $0 % 2] }
    for _ in 0..<20 {
      #expect(throws: Failure(item: 57)) {
        _ = try run(
          routes, lanes: 5, threads: threads, slots: 6, failingAt: [57, 58, 60, 199],
          inLanes: inLanes)
      }
    }
  }

  @Test func `no more items are in flight than there are slots`() throws {
    let inFlight = Mutex((now: 0, most: 0))
    _ = try Pipeline(routes: (0..<100).map { _ in [0] }, laneCount: 1).run(
      on: Workers(count: 8), slots: [0, 0, 0], lanes: [0],
      make: { _, _ throws(Failure) in
        inFlight.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
      },
      visit: { _, _, _ throws(Failure) in inFlight.withLock { $0.now -= 1 } })
    #expect(inFlight.withLock { $0.most } <= 3)
    #expect(inFlight.withLock { $0.now } == 0)
  }
}
