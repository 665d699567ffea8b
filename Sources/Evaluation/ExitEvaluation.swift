public import Inference
public import Parallelism

/// How many recurrences an adaptive exit takes, in the reference and in a pack, on the same text.
///
/// Tokens come one at a time, as in generation: a token that left early is not seen by later ones
/// beyond its depth (cache "full").
public struct ExitEvaluation: EvaluationPart {
  /// What one model did.
  public struct Tally: Equatable, Sendable {
    /// How many tokens took 1, 2, … recurrences.
    public internal(set) var distribution: [Int]
    /// Σ −log of the probability of each token that followed, in nats.
    var nll = 0.0

    /// The tokens.
    public var count: Int { distribution.reduce(0, +) }

    /// The mean number of recurrences; 0 of no token.
    public var meanSteps: Double {
      let sum = distribution.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
      return Double(sum) / Double(max(1, count))
    }

    /// How well the text is predicted with these numbers of recurrences.
    public var likelihood: Damage.Likelihood { Damage.Likelihood(nll: nll / Double(max(1, count))) }

    /// Nothing of at most `limit` recurrences.
    init(limit: Int) { distribution = Array(repeating: 0, count: limit) }

    /// A tally from its parts.
    init(distribution: [Int], nll: Double) {
      self.distribution = distribution
      self.nll = nll
    }

    mutating func add(_ steps: Int, nll: Double) {
      distribution[steps - 1] += 1
      self.nll += nll
    }

    mutating func add(_ other: Tally) {
      for index in distribution.indices { distribution[index] += other.distribution[index] }
      nll += other.nll
    }
  }

  /// What both did.
  public struct Shift: Equatable, Sendable {
    /// The reference.
    public internal(set) var reference: Tally
    /// The pack.
    public internal(set) var pack: Tally
    /// The tokens that took the same number in both.
    public internal(set) var same = 0
    /// The windows added.
    var windows = 0

    /// How many more recurrences the pack takes, as a share of the reference's; below 0 it saves.
    public var addedWork: Double {
      reference.meanSteps > 0 ? pack.meanSteps / reference.meanSteps - 1 : 0
    }

    init(limit: Int) {
      reference = Tally(limit: limit)
      pack = reference
    }

    /// A shift from its parts.
    init(reference: Tally, pack: Tally, same: Int, windows: Int) {
      self.reference = reference
      self.pack = pack
      self.same = same
      self.windows = windows
    }

    /// Takes what one token gave in both, before the next.
    mutating func add(_ expected: Session.Outcome, _ found: Session.Outcome, next: Int) {
      reference.add(
        expected.steps, nll: negativeLogLikelihood(expected.logits.span, of: next))
      pack.add(found.steps, nll: negativeLogLikelihood(found.logits.span, of: next))
      same += expected.steps == found.steps ? 1 : 0
    }

    mutating func add(_ other: Shift) {
      reference.add(other.reference)
      pack.add(other.pack)
      same += other.same
      windows += 1
    }
  }

  /// The windows, each run alone.
  public let windows: [[Int]]
  /// When a token leaves.
  public let depth: Session.Depth
  private let reference: Model
  private let pack: Model
  /// What has been counted so far.
  public internal(set) var shift: Shift

  /// An evaluation that has not begun.
  public init(_ windows: [[Int]], reference: Model, pack: Model, depth: Session.Depth) {
    precondition(windows.allSatisfy { $0.count > 1 }, "a window predicts something")
    self.windows = windows
    self.depth = depth
    self.reference = reference
    self.pack = pack
    shift = Shift(limit: depth.maximum)
  }

  /// The tokens that leave: all but the last of each window.
  public var total: Int { predictionCount(of: windows[...]) }
  /// The predictions of the windows that are done.
  public var completed: Int { shift.reference.count }

  /// Runs the next few windows, a token of each at a time.
  ///
  /// - Parameter workers: the threads.
  /// - Throws: ``InferenceError``.
  public mutating func advance(on workers: Workers) throws(InferenceError) {
    let cache = Session.cacheByteCount(
      reference.config, .full, tokens: 1, recurrences: depth.maximum)
    let longest = windows.reduce(0) { max($0, $1.count) }
    let batches = Batches(
      windows.map(\.count), from: shift.windows, bytesPerToken: 2 * cache,
      tokens: Self.windowsInBatch * longest, on: workers)
    let (reference, pack) = (
      self.reference.running(on: batches.inner), self.pack.running(on: batches.inner)
    )
    let (windows, depth) = (self.windows, self.depth)
    let results = try batches.map { range throws(InferenceError) in
      try Self.run(windows[range], reference, pack, depth)
    }
    for window in results.joined() { shift.add(window) }
  }

  /// The windows that go through a model together: their tokens come one at a time, and more of them
  /// would not make products faster.
  private static let windowsInBatch = 32

  private static func run(
    _ windows: ArraySlice<[Int]>, _ reference: Model, _ pack: Model, _ depth: Session.Depth
  ) throws(InferenceError) -> [Shift] {
    let windows = Array(windows)
    var shifts = windows.map { _ in Shift(limit: depth.maximum) }
    var running = Array(windows.indices)
    var truth = running.map { _ in Session(reference) }
    var sessions = running.map { _ in Session(pack) }
    var position = 0
    while !running.isEmpty {
      let tokens = running.map { windows[$0][position] }
      let expected = try Session.step(&truth, tokens, depth)
      let found = try Session.step(&sessions, tokens, depth)
      position += 1
      for (place, index) in running.enumerated().reversed() {
        shifts[index].add(expected[place], found[place], next: windows[index][position])
        guard position == windows[index].count - 1 else { continue }
        running.remove(at: place)
        truth.remove(at: place)
        sessions.remove(at: place)
      }
    }
    return shifts
  }
}
