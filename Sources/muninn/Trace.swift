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
      Writes a directory: for each token a picture as SVG and PNG, and trace.json with every \
      coordinate and the numbers behind each word: converging, orbiting or drifting.

      Example: muninn trace huginn-0125-int8.muninn --over huginn-0125 \
      --prompt "Is it wrong to deceive?" --output trajectories
      """)

  @Argument(help: "A pack or a checkpoint.")
  var model: String

  @Option(help: ArgumentHelp("Another, drawn over the first.", valueName: "path"))
  var over: String?

  @OptionGroup var prompt: PromptOptions

  @Option(help: ArgumentHelp("Recurrences to follow.", valueName: "r"))
  var steps = 64

  @Option(name: [.short, .long], help: ArgumentHelp("The directory to write.", valueName: "path"))
  var output: String

  @Flag(help: "Replace a trace that is there.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  /// Beyond, the states of a prompt are more than a picture shows.
  private static let tokenLimit = 256

  func validate() throws {
    if !(Motion.minimumRecurrences...1024).contains(steps) {
      throw ValidationError("--steps takes a number from \(Motion.minimumRecurrences) to 1024.")
    }
  }

  mutating func run() throws {
    let target = output
    try failing { try PackWriter.checkNotInsidePack(target) }
    if force { try TraceDirectory.checkReplaceable(output) }
    let first = try loadModel(model, checkingDigests: true, threads, report)
    var stored = [first.stored]
    var models = [(name: name(of: model), model: first.model)]
    if let over {
      let second = try loadModel(over, checkingDigests: true, threads, report)
      try failing { try second.checkSizes(equal: first) }
      stored.append(second.stored)
      models.append((name(of: over), second.model))
    }
    let ids = try prompt.ids(first)
    guard (1...Self.tokenLimit).contains(ids.count) else {
      throw Failure(
        .usage, code: "usage",
        message: "the prompt has \(ids.count) tokens; 1 to \(Self.tokenLimit) are drawn")
    }
    let named = ids.map {
      (id: $0, text: String(decoding: first.vocabulary.bytes(of: $0), as: UTF8.self))
    }
    let steps = self.steps
    let trace = try failing { try LatentTrace(named, models, recurrences: steps) }
    for model in stored { try failing { try model.checkUnchanged() } }
    let left = try failing { try TraceDirectory(trace).write(to: output, replacing: force) }
    if let left { report.note("what was there is left as \(left.quoted)") }
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

/// The directory that a trace is written as.
struct TraceDirectory {
  private let trace: LatentTrace

  /// The file that says that a directory is a trace.
  static let fileName = "trace.json"

  init(_ trace: LatentTrace) { self.trace = trace }

  /// Checks that a path has nothing, or a trace.
  ///
  /// - Throws: ``Failure`` where it has something else: `--force` does not replace that.
  static func checkReplaceable(_ target: String) throws(Failure) {
    let isReplaceable = try failing {
      guard try FileStatus.ifPresent(ofLink: target) != nil else { return true }
      return try isTrace(target)
    }
    guard isReplaceable else {
      throw Failure(
        .failure, code: "refused",
        message: "\(target.quoted) holds other files than a trace's and is not replaced")
    }
  }

  /// Whether a directory has nothing but a trace's files.
  private static func isTrace(_ path: String) throws(FileError) -> Bool {
    guard try FileStatus(ofLink: path).kind == .directory else { return false }
    let names = try directoryContents(path)
    return names.contains(fileName)
      && names.allSatisfy { name in
        name == fileName
          || name.hasPrefix("token-") && (name.hasSuffix(".svg") || name.hasSuffix(".png"))
      }
  }

  /// Writes it beside its name, and gives it that in one step.
  ///
  /// - Returns: where a directory that was replaced is left, if it could not be removed.
  func write(to target: String, replacing: Bool) throws -> String? {
    let directory = try PartialDirectory(target: target, replacing: replacing)
    func write(_ bytes: [UInt8], _ name: String) throws {
      let file = try OutputFile(creating: Path.join(directory.path, name))
      try file.write(bytes.span.rawBytes, at: 0)
      try file.sync()
    }
    for index in trace.tokens.indices {
      let drawing = TracePicture(trace, token: index).drawing
      let number = String(repeating: "0", count: max(0, 3 - "\(index)".count)) + "\(index)"
      try write(Array(drawing.svg(.standalone).utf8), "token-\(number).svg")
      try write(try drawing.png(), "token-\(number).png")
    }
    try write(JSONValue.object(trace.json).canonicalBytes, Self.fileName)
    return try directory.publish(
      replacing: replacing
        ? { path throws(FileError) in try Self.isTrace(path) } : nil)
  }
}
