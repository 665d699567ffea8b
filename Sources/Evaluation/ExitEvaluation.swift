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

  /// Runs the next windows, one for each thread.
  ///
  /// - Parameter workers: the threads.
  /// - Throws: ``InferenceError``.
  public mutating func advance(on workers: Workers) throws(InferenceError) {
    let next = windows[shift.windows..<min(shift.windows + workers.count, windows.count)]
    guard !next.isEmpty else { return }
    let inner = Workers(count: max(1, workers.count / next.count))
    let (reference, pack) = (self.reference.running(on: inner), self.pack.running(on: inner))
    let depth = self.depth
    let results = workers.map(next.count) { index in
      Result { () throws(InferenceError) in
        try Self.run(next[next.startIndex + index], reference, pack, depth)
      }
    }
    for result in results { shift.add(try result.get()) }
  }

  private static func run(
    _ tokens: [Int], _ reference: Model, _ pack: Model, _ depth: Session.Depth
  ) throws(InferenceError) -> Shift {
    var shift = Shift(limit: depth.maximum)
    var (truth, session) = (Session(reference), Session(pack))
    for position in 0..<tokens.count - 1 {
      let expected = try truth.step(tokens[position], depth)
      let found = try session.step(tokens[position], depth)
      let next = tokens[position + 1]
      shift.reference.add(
        expected.steps, nll: negativeLogLikelihood(expected.logits.span, of: next))
      shift.pack.add(found.steps, nll: negativeLogLikelihood(found.logits.span, of: next))
      shift.same += expected.steps == found.steps ? 1 : 0
    }
    return shift
  }
}
