import ArgumentParser
import HuginnModel
import Inference
import Presentation
import Tokenization

/// `muninn chat`.
struct Chat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Chat with the model, line by line.",
    discussion: """
      Uses the release's chat template, whatever template lies beside the model; the tokenizer \
      must have its special tokens. Ends at the end of input, or when the context is full.

      Example: muninn chat huginn-0125-int8.muninn --exit latent-diff --temperature 0.7
      """)

  @Argument(help: "A pack or a checkpoint.")
  var model: String

  @Option(parsing: .unconditional, help: "The system message, placed before the conversation.")
  var system: String?

  @OptionGroup(title: "Depth") var depth: DepthOptions
  @OptionGroup(title: "Sampling") var sampling: SamplingOptions

  @Option(help: ArgumentHelp("Limit each answer to N tokens.", valueName: "n"))
  var maxTokens = 512

  @Flag(help: "Print no notes. Warnings are still printed.")
  var quiet = false

  @Flag(help: "Verify the weights of a pack before the first answer.")
  var verify = false

  @OptionGroup var source: VariantOption

  func validate() throws {
    if maxTokens < 1 { throw ValidationError("--max-tokens must be at least 1.") }
  }

  @OptionGroup var threads: WorkerOptions

  mutating func run() throws {
    let report = ReportOptions(quiet: quiet)
    let stored = try openModel(model, variant: source.variant)
    let loaded = try loadModel(stored, checkingDigests: verify, threads, report)
    guard case .tokenizer(let tokenizer) = loaded.vocabulary,
      let template = ChatTemplate(tokenizer)
    else {
      throw Failure(
        .failure, code: "refused",
        message: "chat needs a tokenizer.json with the release's special tokens beside the weights")
    }
    report.note(
      "using the built-in chat template; each line is a message, and end of input ends the chat")
    var options = Generation.Options(try depth.depth(loaded.model.config))
    options.tokenLimit = maxTokens
    options.sampling = sampling.options(seed: depth.seed)
    options.stops = loaded.stops
    var generation = Generation(depth.session(loaded.model), options)
    var reception = Terminal.Reception.taken
    var pending = system.map { template.message($0, from: .system, isFirst: true) } ?? []
    prompt()
    while reception == .taken, let line = readLine() {
      let before = generation.session.count
      let isFirst = before == 0 && pending.isEmpty
      pending += template.message(line, from: .user, isFirst: isFirst) + template.question
      let progress = Progress(
        "reading", total: pending.count, unit: .things("tokens"), options: report)
      let result = try failing {
        defer { progress.finish() }
        return try generation.run(pending, progress: { progress.advance(by: $0) }) { token in
          progress.finish()
          reception = Terminal.offer(tokenizer.bytes(of: token), to: .output)
          return reception == .taken
        }
      }
      if case .failed(let code) = reception { throw Failure.lostOutput(code) }
      Terminal.write("\n", to: .output)
      // The last token may have been chosen and not yet taken; then the turn ends.
      let taken = generation.session.count - before - pending.count
      pending = Array(result.tokens.dropFirst(taken)) + template.endOfTurn
      prompt()
    }
  }

  private func prompt() {
    if !quiet && Terminal.isInteractive(.output) { Terminal.write("> ", to: .output) }
  }
}
