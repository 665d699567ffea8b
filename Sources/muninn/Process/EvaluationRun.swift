import Evaluation
import HuginnModel
import Inference
import Parallelism
import Presentation

/// The parts of an evaluation, one after the other, with progress and a file to go on from.
struct EvaluationRun {
  var text: TextEvaluation?
  var ablation: TextEvaluation?
  var exit: ExitEvaluation?
  var questions: QuestionEvaluation?

  /// How often the sums are saved.
  private static let savingInterval = Duration.seconds(10)

  /// Runs what is left of all parts.
  mutating func complete(
    _ file: EvaluationFile?, on workers: Workers, options: ReportOptions
  ) throws(Failure) {
    if let partial = file?.partial { try resume(partial) }
    do throws(Failure) {
      try Interruption.cleaningUp { () throws(Failure) in
        try complete(\.text, "comparing", file, workers, options, remark: Self.remark)
        try complete(\.ablation, "ablating", file, workers, options)
        try complete(\.exit, "exiting", file, workers, options)
        try complete(\.questions, "asking", unit: "questions", file, workers, options)
      }
    } catch {
      // What was measured before a failure, or before the user stopped it, is not lost.
      try save(to: file)
      throw error
    }
  }

  /// What was found.
  func fill(_ record: inout EvaluationRecord, by ablate: Ablation?, of config: HuginnConfig) {
    if let text, let found = text.damages.first {
      record.predictions = text.total
      record.damage = found.damage
    }
    if let ablation, let ablate {
      let parts = ablation.damages
      record.ablation = EvaluationRecord.AblationRecord(
        by: ablate, predictions: ablation.total,
        parts: zip(parts, ablate.parts(of: config)).map {
          EvaluationRecord.Part(
            name: $0.name, parameterCount: $1.parameterCount, damage: $0.damage)
        })
    }
    if let exit {
      record.exit = EvaluationRecord.ExitRecord(
        criterion: exit.depth.criterion.description, shift: exit.shift)
    }
    if let questions { record.questions = questions.damages }
  }

  // MARK: - Parts

  /// Runs one part to its end, in small pieces.
  private mutating func complete<Part: EvaluationPart>(
    _ path: WritableKeyPath<EvaluationRun, Part?>, _ label: String, unit: String = "tokens",
    _ file: EvaluationFile?, _ workers: Workers, _ options: ReportOptions,
    remark: (Part) -> String = { _ in "" }
  ) throws(Failure) {
    guard let begun = self[keyPath: path] else { return }
    let progress = Progress(label, total: begun.total, unit: .things(unit), options: options)
    defer { progress.finish() }
    var shown = 0
    var savedAt = ContinuousClock.now
    while self[keyPath: path]?.isFinished == false {
      guard !Interruption.isRequested else { throw Interruption.failure(resumable: file?.path) }
      do throws(InferenceError) {
        try self[keyPath: path]?.advance(on: workers)
      } catch {
        throw Failure(error)
      }
      guard let part = self[keyPath: path] else { return }
      progress.advance(by: part.completed - shown, remark: remark(part))
      shown = part.completed
      if ContinuousClock.now - savedAt > Self.savingInterval {
        try save(to: file)
        savedAt = .now
      }
    }
  }

  /// The divergence so far, at the deepest number of recurrences.
  private static func remark(_ text: TextEvaluation) -> String {
    guard let last = text.damages.first?.damage.byRecurrence.last else { return "" }
    return "  KL \(Numbers.scientific(last.meanDivergence)) at r = \(last.steps)"
  }

  // MARK: - Going on

  private mutating func resume(_ partial: PartialEvaluation) throws(Failure) {
    do throws(PartialEvaluationError) {
      try text?.resume(partial)
      try ablation?.resume(partial, ablation: true)
      try exit?.resume(partial)
      try questions?.resume(partial)
    } catch {
      throw Failure(error)
    }
  }

  private func save(to file: EvaluationFile?) throws(Failure) {
    guard let file else { return }
    let partial = PartialEvaluation(
      text: text, ablation: ablation, exit: exit, questions: questions)
    try file.write(partial.json(inputs: file.inputs))
  }
}
