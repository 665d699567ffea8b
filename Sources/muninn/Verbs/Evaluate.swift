import ArgumentParser
import Evaluation
import FileAccess
import HuginnModel
import Inference
import Models
import PackFormat
import Parallelism
import Presentation
import StrictJSON

/// `muninn eval`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure how much accuracy a pack costs, by number of recurrences.",
    discussion: """
      Runs the reference and the pack over the same text or questions, and compares their \
      predictions and latent states. Exits with 2 if the mean KL divergence exceeds --max-kl.

      Example: muninn eval huginn-0125-int8.muninn --reference huginn-0125 --text heldout.txt \
      --ablate stage --output damage.json
      """)

  @Argument(help: "The pack or checkpoint to measure.")
  var pack: String

  @Option(help: ArgumentHelp("The reference: a checkpoint, or another pack.", valueName: "path"))
  var reference: String

  @OptionGroup(title: "Input") var input: EvaluationInput

  @Option(
    help: ArgumentHelp(
      "Numbers of recurrences to measure at, separated by commas.", valueName: "list"))
  var steps = "1,2,4,8,16,32"

  @Option(
    help: ArgumentHelp(
      "Also measure each stage, or each kind of matrix, quantized alone: stage or kind.",
      valueName: "by"))
  var ablate: String?

  @Option(help: ArgumentHelp("With --ablate, use the first N bytes of the text.", valueName: "n"))
  var ablateBytes = 8192

  @Option(
    help: ArgumentHelp(
      "Also count the recurrences taken with an adaptive exit, such as kl or kl:0.001.",
      valueName: "criterion"))
  var exit: String?

  @Option(help: ArgumentHelp("With --exit, use the first N bytes of the text.", valueName: "n"))
  var exitBytes = 8192

  @Option(
    help: ArgumentHelp(
      "With --exit, run at most R recurrences (default: the model's mean).", valueName: "r"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("Exit with 2 if the mean KL, in nats, exceeds X.", valueName: "x"))
  var maxKl: Double?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Save the result in this file, and resume from it after an interruption.", valueName: "file"))
  var output: String?

  @Flag(help: "Start over, replacing the evaluation in the output file.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    if let output { try validateTarget(output) }
    if parsedSteps == nil {
      throw ValidationError(
        "--steps must be numbers from 0 to \(DepthOptions.stepLimit), separated by commas, not \(steps)."
      )
    }
    if let ablate, Ablation(rawValue: ablate) == nil {
      throw ValidationError("--ablate must be stage or kind, not \(ablate).")
    }
    if let exit {
      guard let criterion = ExitCriterion(exit), criterion.kind != .none else {
        throw ValidationError("--exit must be a criterion such as kl or kl:0.001, not \(exit).")
      }
    }
    if !input.hasText && (ablate != nil || exit != nil || maxKl != nil) {
      throw ValidationError("--ablate, --exit and --max-kl need --text or --tokens.")
    }
    if ablateBytes < 2 || exitBytes < 2 {
      throw ValidationError("--ablate-bytes and --exit-bytes must be at least 2.")
    }
    if let maxSteps, exit == nil || !(1...DepthOptions.stepLimit).contains(maxSteps) {
      throw ValidationError(
        "--max-steps needs --exit and must be between 1 and \(DepthOptions.stepLimit).")
    }
    if let maxKl, !(maxKl >= 0 && maxKl.isFinite) {
      throw ValidationError("--max-kl must be a finite number, 0 or greater.")
    }
  }

  /// Nil for anything else than a list of numbers.
  private var parsedSteps: [Int]? {
    let numbers = steps.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.filter { $0 != " " })
    }
    guard numbers.allSatisfy({ (0...DepthOptions.stepLimit).contains($0 ?? -1) }) else {
      return nil
    }
    return numbers.compactMap(\.self)
  }

  mutating func run() throws {
    let stored = [try openModel(reference), try openModel(pack)]
    if let output {
      let files = [input.text, input.tokens, input.questions]
      try checkTarget(output, sparing: stored, files)
    }
    let truth = try loadModel(stored[0], checkingDigests: true, threads, report)
    let loaded = try loadModel(stored[1], checkingDigests: true, threads, report)
    try failing { try loaded.checkSizes(equal: truth) }
    let material = try input.read(truth)
    var run = EvaluationRun(plan, of: loaded, against: truth, on: material)
    let file = try keptFile(run.inputs)
    try run.complete(file, on: threads.workers, options: report)
    for model in stored { try failing { try model.checkUnchanged() } }
    let record = run.record
    try failing { try file?.write(record) }
    try report.print(
      EvaluationReport(record).text + material.questionText(run.questions),
      .object(record.json.merging(material.questionJSON(run.questions)) { $1 }))
    try check(record)
  }

  private var plan: EvaluationPlan {
    var plan = EvaluationPlan(steps: parsedSteps ?? [])
    plan.ablation = ablate.flatMap { Ablation(rawValue: $0) }.map { ($0, ablateBytes) }
    plan.exit = exit.flatMap { ExitCriterion($0) }.map { ($0, maxSteps, exitBytes) }
    return plan
  }

  /// The file to keep the result in, looked at before hours of work would end with it.
  private func keptFile(_ inputs: JSONValue) throws(Failure) -> EvaluationFile? {
    guard let output else { return nil }
    let replacing = force
    try failing { try PackWriter.checkNotInsidePack(output) }
    return try failing {
      try EvaluationFile(path: output, inputs: inputs, replacing: replacing)
    }
  }

  /// Holds the damage against the bar.
  private func check(_ record: EvaluationRecord) throws(Failure) {
    guard let maxKl, let worst = record.damage?.worst(above: maxKl) else { return }
    throw Failure(
      .wanting, code: "wanting",
      message: "the mean KL divergence is \(Numbers.scientific(worst.meanDivergence)) nats at "
        + "\(Numbers.count(worst.steps, "recurrence")), above --max-kl \(maxKl)")
  }
}
