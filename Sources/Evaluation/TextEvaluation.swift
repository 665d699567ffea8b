import HuginnModel
public import Inference
public import Parallelism

/// A text through a reference and candidates, window by window: what the candidates do to the
/// predictions and to the latent states, by number of recurrences.
///
/// It goes on in small parts, so that the caller can show, save and stop; windows are added in
/// their order, so the result depends neither on the threads nor on where it was interrupted.
public struct TextEvaluation: EvaluationPart {
  /// What is compared with the reference.
  public struct Candidate: Sendable {
    /// What it is called in results.
    public let name: String
    /// The model.
    public let model: Model

    /// A candidate.
    public init(_ name: String, _ model: Model) {
      self.name = name
      self.model = model
    }
  }

  /// The tokens of each window, at least two.
  public let windows: [[Int]]
  /// The numbers of recurrences after which predictions are compared, ascending.
  public let steps: [Int]
  private let reference: Model
  private let candidates: [Candidate]
  private(set) var sums: TextSums
  /// The tokens that go through a model together.
  var tokensInBatch = Self.batchSize
  /// With more of them products would not be faster.
  static let batchSize = 256

  /// An evaluation that has not begun.
  ///
  /// - Parameters:
  ///   - windows: run alone, each of two tokens or more.
  ///   - reference: what is true.
  ///   - candidates: of the same layout.
  ///   - steps: numbers of recurrences, in any order.
  public init(
    _ windows: [[Int]], reference: Model, candidates: [Candidate], steps: [Int]
  ) {
    precondition(windows.allSatisfy { $0.count > 1 }, "a window predicts something")
    self.windows = windows
    self.steps = Array(Set(steps)).sorted()
    self.reference = reference
    self.candidates = candidates
    sums = TextSums(
      candidates: candidates.count, steps: self.steps,
      predictions: predictionCount(of: windows[...]))
  }

  /// Cuts tokens into windows; a last one of a single token is left out, as it predicts nothing.
  public static func windows(of tokens: [Int], length: Int) -> [[Int]] {
    stride(from: 0, to: tokens.count, by: length).map {
      Array(tokens[$0..<min($0 + length, tokens.count)])
    }.filter { $0.count > 1 }
  }

  /// The predictions of all windows.
  public var total: Int { predictionCount(of: windows[...]) }
  /// The predictions of the windows that are done.
  public var completed: Int { predictionCount(of: windows.prefix(sums.windows)) }

  /// Runs the next few windows.
  ///
  /// - Parameter workers: the threads.
  /// - Throws: ``InferenceError``.
  public mutating func advance(on workers: Workers) throws(InferenceError) {
    let config = reference.config
    let cache = Session.cacheByteCount(
      config, .full, tokens: 1, recurrences: steps.last ?? 0)
    let batches = Batches(
      windows.map(\.count), from: sums.windows,
      bytesPerToken: (1 + candidates.count) * (cache + 4 * config.paddedVocabularySize),
      tokens: tokensInBatch, on: workers)
    let (reference, steps) = (self.reference.running(on: batches.inner), self.steps)
    let models = candidates.map { $0.model.running(on: batches.inner) }
    let windows = self.windows
    let results = try batches.map { range throws(InferenceError) in
      try WindowComparison.run(windows[range], reference, models, steps: steps)
    }
    for window in results.joined() { sums.add(window) }
  }

  /// What has been measured so far, for each candidate by name.
  public var damages: [(name: String, damage: Damage)] {
    candidates.indices.map { (candidates[$0].name, Damage(sums.candidates[$0])) }
  }

  /// Goes on where an earlier evaluation of the same windows stood.
  mutating func resume(_ sums: TextSums) { self.sums = sums }
}

/// The predictions that windows make: of every token but their first.
func predictionCount(of windows: ArraySlice<[Int]>) -> Int {
  windows.reduce(0) { $0 + $1.count - 1 }
}
