import Evaluation
import Inference
import Parallelism
import Presentation

/// Running an evaluation with progress, and a file to go on from.
extension EvaluationRun {
  /// How often the sums are saved.
  private static let savingInterval = Duration.seconds(10)

  /// Runs what is left of all parts.
  ///
  /// - Throws: ``Failure``; the file then has what was measured before.
  mutating func complete(
    _ file: EvaluationFile?, on workers: Workers, options: ReportOptions
  ) throws(Failure) {
    if let partial = file?.partial {
      do throws(PartialEvaluationError) { try resume(partial) } catch { throw Failure(error) }
    }
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

  private func save(to file: EvaluationFile?) throws(Failure) {
    guard let file else { return }
    let partial = self.partial
    try failing { try file.write(partial) }
  }
}
