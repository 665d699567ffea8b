/// Writes on from a prompt, token by token.
public struct Generation: Sendable {
  /// Its options.
  public struct Options: Sendable {
    /// How many recurrences each token takes.
    public var depth: Session.Depth
    /// The maximum number of new tokens.
    public var tokenLimit = 128
    /// How each is chosen.
    public var sampling = Sampler.Options()
    /// Tokens that end the text.
    public var stops: Set<Int> = []
    /// Self-speculation; nil without.
    public var draft: Draft?

    /// Greedy decoding at a depth.
    public init(_ depth: Session.Depth) { self.depth = depth }
  }

  /// Self-speculation: a few tokens are drafted with few recurrences, then all of them are verified
  /// with the full number in one pass, which reads the weights once.
  public struct Draft: Hashable, Sendable {
    /// The recurrences of a draft.
    public var steps: Int
    /// The tokens drafted at a time.
    public var tokens: Int

    /// A way to draft.
    public init(steps: Int, tokens: Int) {
      self.steps = steps
      self.tokens = tokens
    }
  }

  /// The generated text.
  public struct Result: Sendable {
    /// The new tokens, without one that ended them.
    public fileprivate(set) var tokens: [Int] = []
    /// The recurrences of each token of prompt and text that was taken.
    public fileprivate(set) var steps: [Int] = []
    /// The tokens drafted.
    public fileprivate(set) var drafted = 0
    /// The drafted tokens that were accepted.
    public fileprivate(set) var accepted = 0
  }

  /// What the model has seen.
  public private(set) var session: Session
  private var sampler: Sampler
  private let options: Options
  private var history: [Int] = []
  private var result = Result()

  /// A generation that goes on in a session.
  public init(_ session: Session, _ options: Options) {
    self.session = session
    self.options = options
    sampler = Sampler(options.sampling)
  }

  /// Takes the prompt and writes on; a further call goes on from there.
  ///
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - progress: given how many of the prompt's tokens have been taken since the last call, those
  ///     under way in part.
  ///   - emit: given each new token as it comes; false stops.
  /// - Returns: what was written. Its last token may not have been taken yet.
  /// - Throws: ``InferenceError``.
  public mutating func run(
    _ prompt: [Int], progress: (_ tokens: Int) -> Void = { _ in }, emit: (_ token: Int) -> Bool
  ) throws(InferenceError) -> Result {
    guard !prompt.isEmpty else { throw .emptyPrompt }
    try session.check(prompt)
    history += prompt
    result = Result()
    let logits = try take(prompt, progress)
    if let draft = options.draft {
      try runDrafting(draft, logits, emit)
    } else {
      try runPlain(logits, emit)
    }
    return result
  }

  private mutating func runPlain(
    _ first: [Float], _ emit: (_ token: Int) -> Bool
  ) throws(InferenceError) {
    var logits = first
    while result.tokens.count < options.tokenLimit {
      let token = sampler.next(logits, history: history)
      guard accept(token, emit), result.tokens.count < options.tokenLimit,
        session.count < session.limit
      else { return }
      logits = try step(token)
    }
  }

  /// The tokens of a prompt that are taken together: more would not make products faster.
  private static let promptPart = 128

  /// Takes a prompt token by token, or together where that is the same.
  private mutating func take(
    _ prompt: [Int], _ progress: (_ tokens: Int) -> Void
  ) throws(InferenceError) -> [Float] {
    let steps = options.depth.maximum
    var logits: [Float] = []
    guard options.depth.criterion.kind == .none, session.takesTokensTogether else {
      for token in prompt {
        logits = try step(token)
        progress(1)
      }
      return logits
    }
    // In parts, so that activations stay small.
    for start in stride(from: 0, to: prompt.count, by: Self.promptPart) {
      let part = Array(prompt[start..<min(start + Self.promptPart, prompt.count)])
      var shown = 0
      logits = try session.evaluate(part, steps: steps, isLastOnly: true) { recurrence, _ in
        // The prelude and the coda take about as long as a recurrence.
        let done = part.count * (recurrence + 1) / (steps + 2)
        progress(done - shown)
        shown = done
      }
      progress(part.count - shown)
      result.steps += part.map { _ in steps }
    }
    return logits
  }

  private mutating func step(_ token: Int) throws(InferenceError) -> [Float] {
    let outcome = try session.step(token, options.depth)
    result.steps.append(outcome.steps)
    return outcome.logits
  }

  /// Keeps the first tokens of a verified pass; the next one is chosen and not yet taken.
  private mutating func keep(_ count: Int, after base: Int) {
    session.truncate(to: base + count)
    result.steps += Array(repeating: options.depth.maximum, count: count)
  }

  /// Takes a new token into the text; false where the text ends with it.
  private mutating func accept(_ token: Int, _ emit: (_ token: Int) -> Bool) -> Bool {
    guard !options.stops.contains(token) else { return false }
    result.tokens.append(token)
    history.append(token)
    return emit(token)
  }

  // MARK: - Self-speculation

  private mutating func runDrafting(
    _ draft: Draft, _ first: [Float], _ emit: (_ token: Int) -> Bool
  ) throws(InferenceError) {
    var next = sampler.next(first, history: history)
    while true {
      guard accept(next, emit), result.tokens.count < options.tokenLimit,
        session.count < session.limit
      else { return }
      let base = session.count
      let count = min(
        draft.tokens, options.tokenLimit - result.tokens.count, session.limit - base - 1)
      var tokens = [next]
      for _ in 0..<count {
        let logits = try session.evaluate([tokens[tokens.count - 1]], steps: draft.steps)
        tokens.append(Sampler.greedy(logits))
      }
      session.truncate(to: base)
      let logits = try session.evaluate(tokens, steps: options.depth.maximum)
      result.drafted += count
      var verified = 0
      while true {
        let start = verified * session.vocabularySize
        let row = Array(logits[start..<start + session.vocabularySize])
        next = sampler.next(row, history: history)
        guard verified < count, next == tokens[verified + 1] else { break }
        verified += 1
        result.accepted += 1
        // The last one is taken by the next round, as a token that was not drafted is.
        guard accept(next, emit), result.tokens.count < options.tokenLimit else {
          keep(verified, after: base)
          return
        }
      }
      keep(verified + 1, after: base)
    }
  }
}
