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
  /// - Throws: ``InferenceError/token(_:vocabulary:)``, ``InferenceError/contextFull(limit:)``,
  ///   ``InferenceError/notFinite(position:)``.
  public mutating func step(
    _ token: Int, _ depth: Depth
  ) throws(InferenceError) -> Outcome {
    try check([token])
    let state = initialState(at: count)
    let pass = Pass(model, [handOver(1)], tokens: [token], from: state)
    var result: Outcome?
    try Self.run(pass, depth) { _, pass, outcome in
      end(pass)
      result = outcome
    }
    guard let result else { preconditionFailure("a token exits in the end") }
    return result
  }

  /// Takes the next token of each of several sessions of one model.
  ///
  /// They share the reading of the weights; what each gives does not depend on the others, to the bit.
  ///
  /// - Parameters:
  ///   - sessions: of one model.
  ///   - tokens: the next of each.
  ///   - depth: how many recurrences each takes.
  /// - Returns: what each gave.
  /// - Throws: as ``step(_:_:)``.
  public static func step(
    _ sessions: inout [Session], _ tokens: [Int], _ depth: Depth
  ) throws(InferenceError) -> [Outcome] {
    precondition(sessions.count == tokens.count, "a token for each")
    guard let model = sessions.first?.model else { return [] }
    for (session, token) in zip(sessions, tokens) { try session.check([token]) }
    let states = sessions.flatMap { $0.initialState(at: $0.count) }
    let pass = Pass(
      model, sessions.indices.map { sessions[$0].handOver(1) }, tokens: tokens, from: states)
    var outcomes = [Outcome?](repeating: nil, count: sessions.count)
    try run(pass, depth) { index, pass, outcome in
      sessions[index].end(pass)
      outcomes[index] = outcome
    }
    return outcomes.compactMap(\.self)
  }

  /// Runs a token of each text until all have exited.
  ///
  /// - Parameters:
  ///   - pass: of one token of each text, before the first recurrence.
  ///   - depth: how many recurrences each takes.
  ///   - leave: given each text's number as it exits, a pass of it alone, and what it gave.
  /// - Throws: ``InferenceError/notFinite(position:)``.
  private static func run(
    _ pass: consuming Pass, _ depth: Depth,
    leave: (_ index: Int, _ pass: Pass, _ outcome: Outcome) -> Void
  ) throws(InferenceError) {
    let config = pass.model.config
    let (width, vocabulary) = (config.embeddingSize, config.paddedVocabularySize)
    var progress: [ExitProgress] = []
    for index in pass.texts.indices {
      let state = Array(pass.states[index * width..<(index + 1) * width])
      progress.append(ExitProgress(depth.criterion, state: state, vocabulary: vocabulary))
    }
    var running = Array(progress.indices)
    for steps in 0...depth.maximum {
      if steps > 0 { pass.recur() }
      let decodes = steps > 0 && depth.criterion.kind.needsLogits
      let decoded = decodes ? try pass.logits() : []
      var leaving: [(place: Int, isExhausted: Bool)] = []
      for (place, index) in running.enumerated() {
        let output = decodes ? Array(decoded[place * vocabulary..<(place + 1) * vocabulary]) : []
        let state = Array(pass.states[place * width..<(place + 1) * width])
        let exits = steps > 0 && progress[index].exits(state, output) && steps >= depth.minimum
        if exits || steps == depth.maximum { leaving.append((place, !exits)) }
      }
      guard !leaving.isEmpty else { continue }
      var done = pass.split(off: leaving.map(\.place))
      let logits =
        decodes
        ? leaving.flatMap { decoded[$0.place * vocabulary..<($0.place + 1) * vocabulary] }
        : try done.logits()
      for (number, (place, isExhausted)) in leaving.enumerated() {
        let outcome = Outcome(
          logits: Array(logits[number * vocabulary..<(number + 1) * vocabulary]), steps: steps,
          isExhausted: isExhausted, exitValue: progress[running[place]].value)
        leave(running[place], done.split(off: [0]), outcome)
      }
      for (place, _) in leaving.reversed() { running.remove(at: place) }
      guard !running.isEmpty else { return }
    }
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
    let states = states ?? (count..<count + tokens.count).flatMap { initialState(at: $0) }
    var pass = Pass(model, [handOver(tokens.count)], tokens: tokens, from: states)
    observe(0, pass.states)
    for recurrence in 0..<steps {
      pass.recur()
      observe(recurrence + 1, pass.states)
    }
    let logits = try pass.logits(of: isLastOnly ? Array(tokens.indices.suffix(1)) : nil)
    end(pass)
    return logits
  }

  /// The text with the next tokens under way, its cache taken from the session, so that it is not
  /// copied; ``end(_:)`` gives it back.
  private mutating func handOver(_ tokens: Int) -> PassText {
    defer { cache = KeyValueCache(model.config, cache.policy) }
    return PassText(cache: cache, positions: count..<count + tokens)
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
