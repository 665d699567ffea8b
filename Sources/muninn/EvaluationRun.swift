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

  /// How often what has been added up is saved.
  private static let savingInterval = Duration.seconds(10)

  /// Runs what is left of all parts.
  mutating func complete(
    _ file: EvaluationFile?, on workers: Workers, options: ReportOptions
  ) throws(Failure) {
    if let partial = file?.partial { try resume(partial) }
    do throws(Failure) {
      try Interruption.cleaningUp { () throws(Failure) in
        try completeText(file, workers, options)
        try completeAblation(file, workers, options)
        try completeExit(file, workers, options)
        try completeQuestions(file, workers, options)
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
      record.predictions = text.predictionCount
      record.damage = found.damage
    }
    if let ablation, let ablate {
      let parts = ablation.damages
      record.ablation = EvaluationRecord.AblationRecord(
        by: ablate, predictions: ablation.predictionCount,
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

  private mutating func completeText(
    _ file: EvaluationFile?, _ workers: Workers, _ options: ReportOptions
  ) throws(Failure) {
    guard var part = text else { return }
    try complete(
      "comparing", file, options, total: part.predictionCount,
      done: { part.completedPredictions },
      remark: {
        guard let last = part.damages.first?.damage.byRecurrence.last else { return "" }
        return "  KL \(Numbers.scientific(last.meanDivergence)) at r = \(last.steps)"
      },
      isFinished: { part.isFinished },
      advance: { () throws(InferenceError) in try part.advance(on: workers) },
      keep: { run in run.text = part })
  }

  private mutating func completeAblation(
    _ file: EvaluationFile?, _ workers: Workers, _ options: ReportOptions
  ) throws(Failure) {
    guard var part = ablation else { return }
    try complete(
      "ablating", file, options, total: part.predictionCount, done: { part.completedPredictions },
      isFinished: { part.isFinished },
      advance: { () throws(InferenceError) in try part.advance(on: workers) },
      keep: { run in run.ablation = part })
  }

  private mutating func completeExit(
    _ file: EvaluationFile?, _ workers: Workers, _ options: ReportOptions
  ) throws(Failure) {
    guard var part = exit else { return }
    let total = part.windows.reduce(0) { $0 + $1.count - 1 }
    try complete(
      "exiting", file, options, total: total, done: { part.shift.reference.count },
      isFinished: { part.isFinished },
      advance: { () throws(InferenceError) in try part.advance(on: workers) },
      keep: { run in run.exit = part })
  }

  private mutating func completeQuestions(
    _ file: EvaluationFile?, _ workers: Workers, _ options: ReportOptions
  ) throws(Failure) {
    guard var part = questions else { return }
    try complete(
      "asking", file, options, total: part.questions.count, unit: "questions",
      done: { part.outcomes.count }, isFinished: { part.isFinished },
      advance: { () throws(InferenceError) in try part.advance(on: workers) },
      keep: { run in run.questions = part })
  }

  /// Runs one part to its end, in small pieces.
  private mutating func complete(
    _ label: String, _ file: EvaluationFile?, _ options: ReportOptions, total: Int,
    unit: String = "tokens", done: () -> Int, remark: () -> String = { "" },
    isFinished: () -> Bool, advance: () throws(InferenceError) -> Void,
    keep: (inout EvaluationRun) -> Void
  ) throws(Failure) {
    let progress = Progress(label, total: total, unit: .things(unit), options: options)
    defer { progress.finish() }
    var shown = 0
    var savedAt = ContinuousClock.now
    while !isFinished() {
      guard !Interruption.isRequested else { throw Interruption.failure(resumable: file?.path) }
      do throws(InferenceError) { try advance() } catch { throw Failure(error) }
      keep(&self)
      progress.advance(by: done() - shown, remark: remark())
      shown = done()
      if ContinuousClock.now - savedAt > Self.savingInterval {
        try save(to: file)
        savedAt = .now
      }
    }
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
