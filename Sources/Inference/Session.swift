public import HuginnModel

/// A text under way: what the model has seen of it, token by token.
public struct Session: Sendable {
  /// The latent state that a token starts from.
  public enum InitialState: Hashable, Sendable {
    /// Zeros.
    case zero
    /// Drawn as in training: normal, cut at three standard deviations, times √n_embd.
    case random(seed: UInt64)
    /// The last token's final state ("continuous compute"); the first starts from zeros.
    case continuous
  }

  /// What one token gave.
  public struct Outcome: Sendable {
    /// `[padded_vocab_size]`.
    public let logits: [Float]
    /// The recurrences that it took.
    public let steps: Int
    /// Whether it took them all without meeting its criterion.
    public let isExhausted: Bool
    /// The value that was compared last; not a number without a criterion.
    public let exitValue: Float
  }

  /// How many recurrences a token takes.
  public struct Depth: Hashable, Sendable {
    /// At least so many.
    public var minimum = 1
    /// At most so many.
    public var maximum: Int
    /// When it is enough between them.
    public var criterion: ExitCriterion

    /// A depth.
    public init(_ maximum: Int, until criterion: ExitCriterion = ExitCriterion(.none)) {
      self.maximum = maximum
      self.criterion = criterion
    }
  }

  private let model: Model
  private var cache: KeyValueCache
  private var generator: SplitMix64
  private let initialState: InitialState
  private var lastState: [Float]
  /// The tokens seen so far.
  public private(set) var count = 0

  /// A session that has seen nothing.
  public init(
    _ model: Model, cache policy: CachePolicy = .full, initialState: InitialState = .zero
  ) {
    self.model = model
    self.initialState = initialState
    cache = KeyValueCache(model.config, policy)
    var seed: UInt64 = 0
    if case .random(let given) = initialState { seed = given }
    generator = SplitMix64(seed: seed)
    lastState = Array(repeating: 0, count: model.config.embeddingSize)
  }

  /// The bytes of the cache for `tokens` tokens of `recurrences` each.
  public static func cacheByteCount(
    _ config: HuginnConfig, _ policy: CachePolicy, tokens: Int, recurrences: Int
  ) -> Int {
    KeyValueCache.byteCount(config, policy, tokens: tokens, recurrences: recurrences)
  }

  // MARK: - One token

  /// Takes the next token, with as many recurrences as it needs.
  ///
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``.
  public mutating func step(
    _ token: Int, _ depth: Depth
  ) throws(InferenceError) -> Outcome {
    try check([token])
    let (config, positions) = (model.config, [count])
    let injected = model.prelude(model.embed([token]), at: positions, &cache)
    var state = nextInitialState()
    var progress = ExitProgress(
      depth.criterion, state: state, vocabulary: config.paddedVocabularySize)
    var (steps, isExhausted) = (0, true)
    while steps < depth.maximum {
      state = model.recur(state, injected, recurrence: steps, at: positions, &cache)
      steps += 1
      let logits =
        depth.criterion.kind.needsLogits ? model.decode(state, at: positions, &cache) : []
      if progress.exits(state, logits), steps >= depth.minimum {
        isExhausted = false
        break
      }
    }
    let logits = model.decode(state, at: positions, &cache)
    lastState = state
    count += 1
    return Outcome(
      logits: logits, steps: steps, isExhausted: isExhausted, exitValue: progress.value)
  }

  // MARK: - Several tokens

  /// Takes the next tokens together, each with the same number of recurrences.
  ///
  /// - Parameters:
  ///   - tokens: the next ones.
  ///   - steps: recurrences, from 0.
  ///   - states: the initial latent states, `[tokens, n_embd]`; nil for the session's own.
  ///   - observe: given the latent states `[tokens, n_embd]` before the first recurrence and after
  ///     each.
  /// - Returns: logits `[tokens, padded_vocab_size]`.
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``.
  public mutating func evaluate(
    _ tokens: [Int], steps: Int, from states: [Float]? = nil,
    observe: (_ recurrence: Int, _ states: [Float]) -> Void = { _, _ in }
  ) throws(InferenceError) -> [Float] {
    try check(tokens)
    let positions = Array(count..<count + tokens.count)
    let injected = model.prelude(model.embed(tokens), at: positions, &cache)
    var state = states ?? tokens.flatMap { _ in nextInitialState() }
    observe(0, state)
    for recurrence in 0..<steps {
      state = model.recur(state, injected, recurrence: recurrence, at: positions, &cache)
      observe(recurrence + 1, state)
    }
    let logits = model.decode(state, at: positions, &cache)
    lastState = Array(state.suffix(model.config.embeddingSize))
    count += tokens.count
    return logits
  }

  /// The prelude's output of a text alone, `[tokens, n_embd]`; the session is not changed.
  func preludeOutput(_ tokens: [Int]) -> [Float] {
    var cache = KeyValueCache(model.config, .full)
    return model.prelude(model.embed(tokens), at: Array(tokens.indices), &cache)
  }

  private func check(_ tokens: [Int]) throws(InferenceError) {
    let config = model.config
    for token in tokens where !(0..<config.paddedVocabularySize).contains(token) {
      throw .token(token, vocabulary: config.paddedVocabularySize)
    }
    guard count + tokens.count <= config.contextLength else {
      throw .contextFull(limit: config.contextLength)
    }
  }

  private mutating func nextInitialState() -> [Float] {
    let width = model.config.embeddingSize
    switch initialState {
    case .zero:
      return Array(repeating: 0, count: width)
    case .continuous:
      return lastState
    case .random:
      let scale = Float(model.config.stateStandardDeviation * model.config.embeddingScale)
      return (0..<width).map { _ in generator.nextTruncatedNormal() * scale }
    }
  }
}
