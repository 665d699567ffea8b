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
    let progress = Progress("prompt", total: prompt.count, unit: .things("tokens"), options: report)
    let result = try failing {
      defer { progress.finish() }
      return try generation.run(prompt, progress: { progress.advance(by: $0) }) { token in
        progress.finish()
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
