import FileAccess
public import HuginnModel
import Kernels
import Tensors

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
    lastState = Array(repeating: 0, count: model.config.embeddingSize)
  }

  /// The bytes of the cache for `tokens` tokens of `recurrences` each.
  public static func cacheByteCount(
    _ config: HuginnConfig, _ policy: CachePolicy, tokens: Int, recurrences: Int
  ) -> Int {
    KeyValueCache.byteCount(config, policy, tokens: tokens, recurrences: recurrences)
  }

  /// The most tokens that it can take.
  public var limit: Int { model.config.contextLength }
  /// The logits of one token.
  public var vocabularySize: Int { model.config.paddedVocabularySize }

  /// Whether several tokens taken together give what they give one after the other.
  ///
  /// Not where a token starts from the last one's state, nor where recurrences share a cache's
  /// slots: earlier tokens' entries are then those of their last recurrence.
  var takesTokensTogether: Bool {
    if case .share = cache.policy { return false }
    return initialState != .continuous
  }

  // MARK: - One token

  /// Takes the next token, with as many recurrences as it needs.
  ///
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``.
  public mutating func step(
    _ token: Int, _ depth: Depth
  ) throws(InferenceError) -> Outcome {
    try check([token])
    var pass = begin([token], from: initialState(at: count))
    var progress = ExitProgress(
      depth.criterion, state: pass.states, vocabulary: model.config.paddedVocabularySize)
    var (steps, isExhausted) = (0, true)
    var logits: [Float] = []
    while steps < depth.maximum {
      pass.recur()
      steps += 1
      if depth.criterion.kind.needsLogits { logits = try pass.logits() }
      if progress.exits(pass.states, logits), steps >= depth.minimum {
        isExhausted = false
        break
      }
    }
    if logits.isEmpty { logits = try pass.logits() }
    end(pass)
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
  ///   - isLastOnly: whether only the last token's logits are wanted, which are a part of the work.
  ///   - observe: given the latent states `[tokens, n_embd]` before the first recurrence and after
  ///     each.
  /// - Returns: logits `[tokens, padded_vocab_size]`, or `[padded_vocab_size]` of the last one.
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``,
  ///   ``InferenceError/notFinite(position:)``.
  public mutating func evaluate(
    _ tokens: [Int], steps: Int, from states: [Float]? = nil, isLastOnly: Bool = false,
    observe: (_ recurrence: Int, _ states: [Float]) -> Void = { _, _ in }
  ) throws(InferenceError) -> [Float] {
    try check(tokens)
    precondition(initialState != .continuous || tokens.count <= 1, "one token after the other")
    var pass = begin(
      tokens,
      from: states ?? (count..<count + tokens.count).flatMap { initialState(at: $0) })
    observe(0, pass.states)
    for recurrence in 0..<steps {
      pass.recur()
      observe(recurrence + 1, pass.states)
    }
    let logits = try pass.logits(isLastOnly ? .last : .all)
    end(pass)
    return logits
  }

  /// Hands the cache to a pass, so that it is not copied.
  private mutating func begin(_ tokens: [Int], from states: [Float]) -> Pass {
    let text = PassText(cache: cache, positions: count..<count + tokens.count)
    cache = KeyValueCache(model.config, cache.policy)
    return Pass(model, [text], tokens: tokens, from: states)
  }

  private mutating func end(_ pass: Pass) {
    cache = pass.texts[0].cache
    lastState = Array(pass.states.suffix(model.config.embeddingSize))
    count = pass.texts[0].positions.upperBound
  }

  /// The prelude's output of a text alone, `[tokens, n_embd]`; the session is not changed.
  func preludeOutput(_ tokens: [Int]) -> [Float] {
    let text = PassText(cache: KeyValueCache(model.config, .full), positions: tokens.indices)
    let states = [Float](repeating: 0, count: tokens.count * model.config.embeddingSize)
    return Pass(model, [text], tokens: tokens, from: states).injected
  }

  /// Checks tokens before any work for them.
  func check(_ tokens: [Int]) throws(InferenceError) {
    let config = model.config
    for token in tokens where !(0..<config.paddedVocabularySize).contains(token) {
      throw .token(token, vocabulary: config.paddedVocabularySize)
    }
    guard count + tokens.count <= config.contextLength else {
      throw .contextFull(limit: config.contextLength)
    }
  }

  /// Forgets all tokens from a position on, as if they had not been taken.
  mutating func truncate(to count: Int) {
    precondition(count <= self.count)
    cache.truncate(to: count)
    self.count = count
  }

  /// The state that a token at a position starts from, however many are taken at a time.
  private func initialState(at position: Int) -> [Float] {
    let width = model.config.embeddingSize
    switch initialState {
    case .zero:
      return Array(repeating: 0, count: width)
    case .continuous:
      return lastState
    case .random(let seed):
      var seeds = SplitMix64(seed: seed &+ UInt64(position))
      var generator = SplitMix64(seed: seeds.next())
      let scale = Float(model.config.stateStandardDeviation * model.config.embeddingScale)
      return (0..<width).map { _ in generator.nextTruncatedNormal() * scale }
    }
  }
}
