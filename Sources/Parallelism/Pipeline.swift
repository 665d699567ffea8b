import Synchronization

/// Items that are made in parallel and then pass through lanes in order.
///
/// An item is first *made*, by any thread, in a slot that it keeps to its end. Then it visits its
/// lanes one after another. A lane handles one item at a time, in the order of their numbers: what
/// a lane does (a digest, a sum) does not depend on threads, while lanes, and the making of other
/// items, go on beside it. The number of slots bounds what is in flight, and with it the memory.
public struct Pipeline: Sendable {
  /// For each item the lanes that it visits, in this order.
  private let routes: [[Int]]
  /// For each item and visit, how many items visit the lane before.
  private let positions: [[Int]]
  private let laneCount: Int

  /// A pipeline.
  ///
  /// - Parameters:
  ///   - routes: for each item the lanes that it visits, numbered from 0.
  ///   - laneCount: how many lanes there are.
  public init(routes: [[Int]], laneCount: Int) {
    self.laneCount = laneCount
    var visits = [Int](repeating: 0, count: laneCount)
    var positions: [[Int]] = []
    positions.reserveCapacity(routes.count)
    for route in routes {
      positions.append(
        route.map { lane in
          defer { visits[lane] += 1 }
          return visits[lane]
        })
    }
    self.routes = routes
    self.positions = positions
  }

  /// Runs all items, and waits for them.
  ///
  /// - Parameters:
  ///   - workers: the threads to use.
  ///   - slots: what items are made in, at least one; each is used again and again.
  ///   - lanes: what each lane begins with.
  ///   - make: makes an item in a slot that holds anything.
  ///   - visit: handles a made item in a lane.
  /// - Returns: what each lane ends with.
  /// - Throws: the error of the lowest item that failed, on any schedule; items below it are
  ///   finished, those above are dropped.
  public func run<Slot: Sendable, Lane: Sendable, Failure: Error>(
    on workers: Workers, slots: [Slot], lanes: [Lane],
    make: @Sendable (_ item: Int, _ slot: inout Slot) throws(Failure) -> Void,
    visit: @Sendable (_ item: Int, _ lane: inout Lane, _ slot: inout Slot) throws(Failure) -> Void
  ) throws(Failure) -> [Lane] {
    precondition(!slots.isEmpty && lanes.count == laneCount)
    let slots = slots.map { Cell($0) }
    let lanes = lanes.map { Cell($0) }
    let schedule = Condition(
      Schedule<Failure>(
        routes: routes, positions: positions, laneCount: lanes.count, slotCount: slots.count))
    workers.runOnEach {
      while case .run(let step) = schedule.waitFor({ $0.next() }) {
        do throws(Failure) {
          try slots[step.slot].value.withLock { slot throws(Failure) in
            guard let lane = step.lane else { return try make(step.item, &slot) }
            try lanes[lane].value.withLock { lane throws(Failure) in
              try visit(step.item, &lane, &slot)
            }
          }
          schedule.change { $0.finish(step) }
        } catch {
          schedule.change { $0.fail(step, error) }
        }
      }
    }
    if let failure = schedule.change({ $0.failure }) { throw failure.error }
    return lanes.map { $0.value.withLock { $0 } }
  }
}

/// A slot or a lane at a fixed place; the schedule gives it to one thread at a time.
private final class Cell<Value: Sendable>: Sendable {
  let value: Mutex<Value>
  init(_ value: Value) { self.value = Mutex(value) }
}

/// A piece of work that one thread does at a time: an item to be made, or one in a lane.
private struct Step {
  let item: Int
  let slot: Int
  /// How many lanes the item has visited.
  var visits = 0
  /// The lane to visit; nil if it must be created.
  var lane: Int?
}

/// The next step.
private struct Schedule<Failure: Error> {
  enum Next {
    case run(Step)
    case end
  }

  let routes: [[Int]]
  let positions: [[Int]]
  private var freeSlots: [Int]
  private var nextItem = 0
  private var running = 0
  /// The steps that any thread may do now.
  private var ready: [Step] = []
  /// For each lane, how many items have passed.
  private var passed: [Int]
  /// For each lane, the steps that wait for an earlier item, by position.
  private var parked: [[Int: Step]]
  private(set) var failure: (item: Int, error: Failure)?

  init(routes: [[Int]], positions: [[Int]], laneCount: Int, slotCount: Int) {
    self.routes = routes
    self.positions = positions
    freeSlots = Array(0..<slotCount)
    passed = Array(repeating: 0, count: laneCount)
    parked = Array(repeating: [:], count: laneCount)
  }

  /// Items below this must be finished.
  private var end: Int { failure?.item ?? routes.count }

  /// The next step; nil to wait for one.
  ///
  /// What is made goes on before anything new is begun, the last first: its bytes are still in the
  /// cache.
  mutating func next() -> Next? {
    while let step = ready.popLast() {
      if step.item >= end { continue }
      running += 1
      return .run(step)
    }
    if nextItem < end {
      guard let slot = freeSlots.popLast() else { return nil }
      running += 1
      nextItem += 1
      return .run(Step(item: nextItem - 1, slot: slot))
    }
    return running == 0 ? .end : nil
  }

  mutating func finish(_ step: Step) {
    running -= 1
    var step = step
    if let lane = step.lane {
      passed[lane] += 1
      step.visits += 1
      if let following = parked[lane].removeValue(forKey: passed[lane]) {
        ready.append(following)
      }
    }
    let route = routes[step.item]
    guard step.visits < route.count else {
      freeSlots.append(step.slot)
      return
    }
    let lane = route[step.visits]
    let position = positions[step.item][step.visits]
    step.lane = lane
    if position == passed[lane] {
      ready.append(step)
    } else {
      parked[lane][position] = step
    }
  }

  mutating func fail(_ step: Step, _ error: Failure) {
    running -= 1
    if step.item < end { failure = (step.item, error) }
  }
}
