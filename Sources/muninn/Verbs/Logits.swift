import ArgumentParser
import Evaluation
import HuginnModel
import Inference
import Models
import PackFormat
import Presentation
import StrictJSON
import Tensors

/// `muninn logits`.
struct Logits: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the model's predictions after each token of a text.",
    discussion: """
      Writes a safetensors file for other programs to compare with: 'logits', F32 [tokens, \
      vocabulary], and 'input_ids', I64 [tokens]. The latent state starts from zeros, and every \
      token takes the same number of recurrences.

      Example: muninn logits huginn-0125-int8.muninn --prompt "The raven" --steps 32 \
      --output logits.safetensors
      """)

  @Argument(help: "A pack or a checkpoint.")
  var model: String

  @OptionGroup var prompt: PromptOptions

  @Option(
    help: ArgumentHelp("Recurrences of every token (default: the model's mean).", valueName: "r"))
  var steps: Int?

  @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String

  @Flag(help: "Replace an existing file.")
  var force = false

  @OptionGroup var source: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    try validateTarget(output)
    if let steps, !(0...DepthOptions.stepLimit).contains(steps) {
      throw ValidationError("--steps must be between 0 and \(DepthOptions.stepLimit).")
    }
  }

  mutating func run() throws {
    let (target, isReplacing) = (output, force)
    // The model is large, the mistake is small.
    try failing { try PackWriter.checkNotInsidePack(target) }
    try failing { try LogitsFile.check(target, replacing: isReplacing) }
    let stored = try openModel(model, variant: source.variant)
    try checkTarget(target, sparing: [stored])
    let loaded = try loadModel(stored, checkingDigests: true, threads, report)
    let config = loaded.model.config
    let steps = try DepthOptions.recurrences(self.steps, config)
    let ids = try prompt.ids(loaded)
    guard !ids.isEmpty else { throw Failure(InferenceError.emptyPrompt) }
    let cacheBytes = Session.cacheByteCount(config, .full, tokens: ids.count, recurrences: steps)
    report.note("the cache takes \(Numbers.bytes(cacheBytes))")
    try failing {
      try LogitsFile.write(ids, of: loaded, steps: steps, to: target, replacing: isReplacing)
    }
    try report.print(
      "wrote \(output.quoted): logits of \(Numbers.count(ids.count, "token")), "
        + "vocabulary \(config.paddedVocabularySize), after \(Numbers.count(steps, "recurrence"))\n",
      [
        "logits": .string(output), "tokens": .integer(ids.count), "steps": .integer(steps),
        "vocabulary": .integer(config.paddedVocabularySize),
      ])
  }
}
