import ArgumentParser
import FileAccess
import HuginnModel
import Inference
import Models
import PackFormat
import Presentation
import Safetensors
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

  /// The tokens taken together: a prompt's logits are written part by part and never held whole.
  private static let partCount = 32

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
    try failing { try PartialFile.check(target: target, replacing: isReplacing, kind: .logits) }
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
      let writer = try Self.writer(
        ids, over: config.paddedVocabularySize, target, replacing: isReplacing)
      try Self.run(Session(loaded.model), ids, steps, into: writer.data)
      try stored.checkUnchanged()
      try writer.publish()
    }
    try report.print(
      "wrote \(output.quoted): logits of \(Numbers.count(ids.count, "token")), "
        + "vocabulary \(config.paddedVocabularySize), after \(Numbers.count(steps, "recurrence"))\n",
      [
        "logits": .string(output), "tokens": .integer(ids.count), "steps": .integer(steps),
        "vocabulary": .integer(config.paddedVocabularySize),
      ])
  }

  /// A file with the token ids, in which the logits are missing.
  private static func writer(
    _ ids: [Int], over vocabulary: Int, _ target: String, replacing: Bool
  ) throws -> SafetensorsWriter {
    let writer = try SafetensorsWriter(
      target: target,
      tensors: [
        TensorDescription(name: "input_ids", dtype: .i64, shape: Shape(ids.count)),
        TensorDescription(name: "logits", dtype: .f32, shape: Shape(ids.count, vocabulary)),
      ],
      replacing: replacing, kind: .logits)
    let bytes = ids.map { Int64($0) }
    try writer.data.write(bytes.span.rawBytes, of: "input_ids")
    return writer
  }

  private static func run(
    _ session: Session, _ ids: [Int], _ steps: Int, into data: PlacedOutput
  ) throws {
    var (session, offset) = (session, 0)
    for start in stride(from: 0, to: ids.count, by: partCount) {
      let part = ids[start..<min(start + partCount, ids.count)]
      let logits = try session.evaluate(Array(part), steps: steps)
      try data.write(logits.span.rawBytes, of: "logits", at: offset)
      offset += logits.span.rawBytes.byteCount
    }
  }
}

extension OutputKind {
  /// What this command writes: a safetensors file of weights is none.
  fileprivate static let logits = tensors("file of logits") { $0 == ["input_ids", "logits"] }
}
