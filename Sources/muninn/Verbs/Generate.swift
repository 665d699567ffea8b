import ArgumentParser
import FileAccess
import HuginnModel
import Inference
import Presentation
import StrictJSON

/// `muninn generate`.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the model: continue a prompt.",
    discussion: """
      Standard output carries the generated text and nothing else. With --exit, the tokens of the \
      prompt and of the text run one by one, each with its own number of recurrences.

      Example: muninn generate huginn-0125-int8.muninn --prompt "The raven" --exit kl:0.0005
      """)

  @Argument(help: "A pack or a checkpoint.")
  var model: String

  @OptionGroup var prompt: PromptOptions

  @OptionGroup(title: "Depth") var depth: DepthOptions
  @OptionGroup(title: "Sampling") var sampling: SamplingOptions

  @Option(help: ArgumentHelp("Generate at most N tokens.", valueName: "n"))
  var maxTokens = 128

  @Option(
    help: ArgumentHelp("Draft tokens with K recurrences, then check them with all.", valueName: "k")
  )
  var draftSteps: Int?

  @Option(help: ArgumentHelp("Number of tokens to draft at a time.", valueName: "n"))
  var draftTokens = 4

  @Flag(help: "Verify the weights of a pack before the first token.")
  var verify = false

  @OptionGroup var source: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    if maxTokens < 1 { throw ValidationError("--max-tokens must be at least 1.") }
    guard let draftSteps else { return }
    if !(1...DepthOptions.stepLimit).contains(draftSteps) {
      throw ValidationError("--draft-steps must be between 1 and \(DepthOptions.stepLimit).")
    }
    if draftTokens < 1 { throw ValidationError("--draft-tokens must be at least 1.") }
    if depth.exit != nil || depth.continuous || depth.cachePolicy.isShared {
      throw ValidationError(
        "--draft-steps cannot be combined with --exit, --continuous or --cache share:N.")
    }
    if sampling.temperature > 0 {
      throw ValidationError("--draft-steps needs greedy decoding: --temperature 0.")
    }
  }

  mutating func run() throws {
    let stored = try openModel(model, variant: source.variant)
    let loaded = try loadModel(stored, checkingDigests: verify, threads, report)
    let config = loaded.model.config
    let prompt = try self.prompt.ids(loaded)
    let session = depth.session(loaded.model)
    var options = Generation.Options(try depth.depth(config))
    options.tokenLimit = maxTokens
    options.sampling = sampling.options(seed: depth.seed)
    options.stops = loaded.stops
    options.draft = draftSteps.map { Generation.Draft(steps: $0, tokens: draftTokens) }
    let count = min(
      prompt.count + min(maxTokens, config.contextLength), config.contextLength)
    let cacheBytes = Session.cacheByteCount(
      config, depth.cachePolicy, tokens: count, recurrences: options.depth.maximum)
    report.note("the cache takes at most \(Numbers.bytes(cacheBytes)) for \(count) tokens")
    var generation = Generation(session, options)
    let isStreaming = !report.json
    var reception = Terminal.Reception.taken
    let clock = ContinuousClock()
    let start = clock.now
    let result = try failing {
      try generation.run(prompt) { token in
        if isStreaming {
          reception = Terminal.offer(loaded.vocabulary.bytes(of: token), to: .output)
        }
        return reception == .taken
      }
    }
    if case .failed(let code) = reception { throw Failure.lostOutput(code) }
    let seconds = (clock.now - start) / .seconds(1)
    try finish(loaded, result, seconds, prompt: prompt.count, cacheBytes: cacheBytes)
  }

  private func finish(
    _ loaded: LanguageModel, _ result: Generation.Result, _ seconds: Double, prompt: Int,
    cacheBytes: Int
  ) throws(Failure) {
    let taken = result.steps.count
    // Prompt and text alike go through the model, each token of them once.
    let rate = seconds > 0 ? Double(taken) / seconds : 0
    let mean = taken > 0 ? Double(result.steps.reduce(0, +)) / Double(taken) : 0
    guard report.json else {
      Terminal.write("\n", to: .output)
      var summary =
        "generated \(Numbers.count(result.tokens.count, "token")) after a prompt of \(prompt), "
        + "\(Numbers.fixed(rate, digits: 2)) tokens/s, "
        + "\(Numbers.fixed(mean, digits: 1)) recurrences per token"
      if result.drafted > 0 {
        summary += ", \(result.accepted) of \(result.drafted) drafted tokens accepted"
      }
      if !report.quiet { Terminal.write(summary + "\n", to: .error) }
      return
    }
    let text = String(
      decoding: result.tokens.flatMap { loaded.vocabulary.bytes(of: $0) }, as: UTF8.self)
    try report.print(
      "",
      [
        "text": .string(text), "tokens": .array(result.tokens.map { .integer($0) }),
        "prompt_tokens": .integer(prompt), "steps": .array(result.steps.map { .integer($0) }),
        "mean_recurrences": .number(mean), "tokens_per_second": .number(rate),
        "cache_bytes": .integer(cacheBytes), "drafted": .integer(result.drafted),
        "accepted": .integer(result.accepted),
      ])
  }
}

/// How many recurrences a token takes, and from where.
struct DepthOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Recurrences of every token (default: the model's mean).", valueName: "r"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Let each token exit by a criterion: entropy-diff, latent-diff, kl, cosine, minp-kl, "
        + "argmax-stability or none; a threshold may follow after a colon.",
      valueName: "criterion"))
  var exit: String?

  @Option(help: ArgumentHelp("With --exit, run at least R recurrences.", valueName: "r"))
  var minSteps = 1

  @Option(
    help: ArgumentHelp(
      "With --exit, run at most R recurrences (default: the model's mean).", valueName: "r")
  )
  var maxSteps: Int?

  @Option(help: ArgumentHelp("The initial latent state: zero or random.", valueName: "state"))
  var state = "zero"

  @Flag(help: "Start each token from the latent state of the previous one.")
  var continuous = false

  @Option(
    help: ArgumentHelp(
      "How keys and values are kept: full, latest-m4 or share:N.", valueName: "policy"))
  var cache = "full"

  @Option(
    help: ArgumentHelp(
      "Seed of the generator, SplitMix64, for random states and for sampling.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    if let exit, ExitCriterion(exit) == nil {
      throw ValidationError("--exit must be a criterion such as kl or kl:0.001, not \(exit).")
    }
    if exit != nil && steps != nil {
      throw ValidationError("Give either --steps or --exit, not both.")
    }
    if let steps, !(0...Self.stepLimit).contains(steps) {
      throw ValidationError("--steps must be between 0 and \(Self.stepLimit).")
    }
    if exit == nil && (minSteps != 1 || maxSteps != nil) {
      throw ValidationError("--min-steps and --max-steps need --exit.")
    }
    let most = maxSteps ?? Self.stepLimit
    if minSteps < 1 || minSteps > most || most > Self.stepLimit {
      throw ValidationError(
        "--min-steps and --max-steps must be between 1 and \(Self.stepLimit), and the first not above "
          + "the second.")
    }
    if CachePolicy(cache) == nil {
      throw ValidationError("--cache must be full, latest-m4 or share:N, not \(cache).")
    }
    if state != "zero" && state != "random" {
      throw ValidationError("--state must be zero or random, not \(state).")
    }
    if continuous && state != "zero" {
      throw ValidationError(
        "--continuous starts the first token from zeros, so --state must be zero.")
    }
  }

  /// Larger numbers are refused as mistakes.
  static let stepLimit = 4096

  var cachePolicy: CachePolicy { CachePolicy(cache) ?? .full }

  /// The depth that the flags and the model's mean give.
  ///
  /// - Throws: ``Failure`` if the model's own mean is above the limit.
  func depth(_ config: HuginnConfig) throws(Failure) -> Session.Depth {
    guard let criterion = exit.flatMap({ ExitCriterion($0) }) else {
      return Session.Depth(try Self.recurrences(steps, config))
    }
    let most = max(minSteps, try Self.recurrences(maxSteps, config))
    var depth = Session.Depth(most, until: criterion)
    depth.minimum = minSteps
    return depth
  }

  /// A number of recurrences, or without one the model's mean.
  ///
  /// - Throws: ``Failure`` if the mean is above the limit.
  static func recurrences(_ number: Int?, _ config: HuginnConfig) throws(Failure) -> Int {
    if let number { return number }
    guard config.meanRecurrence <= stepLimit else {
      throw Failure(
        .failure, code: "refused",
        message: "mean_recurrence in the config is \(config.meanRecurrence), above the "
          + "limit of \(stepLimit); give the number of recurrences")
    }
    return config.meanRecurrence
  }

  func session(_ model: Model) -> Session {
    Session(
      model, cache: cachePolicy,
      initialState: continuous ? .continuous : state == "random" ? .random(seed: seed) : .zero)
  }
}

/// How the next token is chosen.
struct SamplingOptions: ParsableArguments {
  @Option(help: "Sampling temperature; 0 always takes the most probable token.")
  var temperature = 0.0

  @Option(help: ArgumentHelp("Sample from the K most probable tokens.", valueName: "k"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Sample from the most probable tokens that together reach P.", valueName: "p"))
  var topP = 1.0

  @Option(
    help: ArgumentHelp(
      "Sample from tokens at least P times as probable as the top one.", valueName: "p"))
  var minP = 0.0

  @Option(help: ArgumentHelp("Penalty for tokens that have occurred; 1 is none.", valueName: "x"))
  var repetitionPenalty = 1.0

  func validate() throws {
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be a finite number, 0 or greater.")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1.") }
    if !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be above 0 and at most 1.") }
    if !(minP >= 0 && minP <= 1) { throw ValidationError("--min-p must be between 0 and 1.") }
    if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
      throw ValidationError("--repetition-penalty must be a finite number above 0.")
    }
  }

  func options(seed: UInt64) -> Sampler.Options {
    var options = Sampler.Options()
    options.seed = seed
    options.temperature = temperature
    options.topK = topK
    options.topP = topP
    options.minP = minP
    options.repetitionPenalty = repetitionPenalty
    return options
  }
}

extension CachePolicy {
  /// Whether recurrences share slots.
  var isShared: Bool {
    if case .share = self { true } else { false }
  }
}
