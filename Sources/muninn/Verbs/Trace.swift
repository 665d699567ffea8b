import ArgumentParser
import Evaluation
import FileAccess
import HuginnModel
import Inference
import Models
import PackFormat
import Presentation
import Report
import StrictJSON
import Tensors

/// `muninn trace`.
struct Trace: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw how the latent state of each token moves through the recurrences.",
    discussion: """
      Writes a directory with a picture of each token, as SVG and PNG, and trace.json with every \
      coordinate and the numbers that decide whether a token is converging, orbiting or drifting.

      Example: muninn trace huginn-0125-int8.muninn --over huginn-0125 \
      --prompt "Is it wrong to deceive?" --output trajectories
      """)

  @Argument(help: "A pack or a checkpoint.")
  var model: String

  @Option(help: ArgumentHelp("Another model, drawn over the first.", valueName: "path"))
  var over: String?

  @OptionGroup var prompt: PromptOptions

  @Option(help: ArgumentHelp("Number of recurrences to follow.", valueName: "r"))
  var steps = 64

  @Option(name: [.short, .long], help: ArgumentHelp("The directory to write.", valueName: "path"))
  var output: String

  @Flag(help: "Replace an existing trace.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  /// Beyond, the states of a prompt are more than a picture shows.
  private static let tokenLimit = 256

  func validate() throws {
    try validateTarget(output)
    if !(Motion.minimumRecurrences...1024).contains(steps) {
      throw ValidationError("--steps must be between \(Motion.minimumRecurrences) and 1024.")
    }
  }

  mutating func run() throws {
    let target = output
    try failing { try PackWriter.checkNotInsidePack(target) }
    if force { try failing { try TraceDirectory.checkReplaceable(target) } }
    let stored = try [model, over].compactMap(\.self).map { path in try openModel(path) }
    try checkTarget(target, sparing: stored)
    let models = try stored.map { model in
      try loadModel(model, checkingDigests: true, threads, report)
    }
    let first = models[0]
    for other in models.dropFirst() { try failing { try other.checkSizes(equal: first) } }
    let ids = try prompt.ids(first)
    guard (1...Self.tokenLimit).contains(ids.count) else {
      throw Failure(
        .usage, code: "usage",
        message: "the prompt has \(ids.count) tokens, expected 1 to \(Self.tokenLimit)")
    }
    let named = ids.map {
      (id: $0, text: String(decoding: first.vocabulary.bytes(of: $0), as: UTF8.self))
    }
    let steps = self.steps
    let trace = try failing {
      try LatentTrace(
        named, models.map { (name(of: $0.stored.path), $0.model) }, recurrences: steps)
    }
    for model in stored { try failing { try model.checkUnchanged() } }
    let left = try failing { try TraceDirectory(trace).write(to: output, replacing: force) }
    report.warn(of: left, leftBy: "the old trace")
    try report.print(
      text(trace), .object(trace.json.merging(["directory": .string(output)]) { $1 }))
  }

  private func name(of path: String) -> String { Path.name(of: Path.trimmed(path)) }

  private func text(_ trace: LatentTrace) -> String {
    var table = Table([
      ("token", .right), ("text", .left), ("model", .left), ("motion", .left),
      ("last steps", .right), ("decay", .right), ("straightness", .right), ("period", .right),
    ])
    for (index, token) in trace.tokens.enumerated() {
      for (model, path) in zip(trace.models, token.paths) {
        let motion = path.motion
        table.add([
          "\(index)", token.text.quoted, model, motion.kind.rawValue,
          Numbers.scientific(motion.finalStep), Numbers.fixed(motion.decay, digits: 3),
          Numbers.fixed(motion.straightness, digits: 2),
          motion.kind == .orbiting ? motion.period.map { "\($0)" } ?? "" : "",
        ])
      }
    }
    return table.text + "drew \(Numbers.count(trace.tokens.count, "trajectory picture")) in "
      + "\(output.quoted)\n"
  }
}
