import Evaluation
import Presentation
import Report
import StrictJSON

/// What an evaluation found, in tables.
struct EvaluationReport {
  private let record: EvaluationRecord

  init(_ record: EvaluationRecord) { self.record = record }

  var text: String {
    var parts: [String] = []
    if let damage = record.damage {
      parts.append(
        "\(Numbers.count(record.predictions, "prediction"))\n" + Self.table(damage).text)
    }
    if let ablation = record.ablation { parts.append(Self.text(ablation)) }
    if let exit = record.exit { parts.append(Self.text(exit)) }
    if !record.questions.isEmpty { parts.append(Self.table(record.questions).text) }
    return parts.joined(separator: "\n")
  }

  private static func table(_ damage: Damage) -> Table {
    var table = Table([
      ("r", .right), ("perplexity", .right), ("pack's", .right), ("KL mean", .right),
      ("p99", .right), ("max", .right), ("top-1", .right), ("top-5", .right),
      ("latent error", .right), ("1 - cosine", .right),
    ])
    for depth in damage.byRecurrence { table.add(depth.cells) }
    return table
  }

  /// The mean KL of each part at each number of recurrences.
  private static func text(_ ablation: EvaluationRecord.AblationRecord) -> String {
    let depths = ablation.parts.first?.damage.byRecurrence.map(\.steps) ?? []
    var table = Table(
      [("only this \(ablation.by.rawValue)", .left), ("parameters", .right)]
        + depths.map { ("KL r=\($0)", .right) } + [("latent error", .right)])
    for part in ablation.parts {
      table.add(
        [part.name, Numbers.grouped(part.parameterCount)]
          + part.damage.byRecurrence.map { Numbers.scientific($0.meanDivergence) }
          + [part.damage.latents.last.map { Numbers.scientific($0.error) } ?? ""])
    }
    return "one \(ablation.by.rawValue) quantized at a time, all others exact, over "
      + Numbers.count(ablation.predictions, "prediction") + "\n" + table.text
  }

  private static func text(_ exit: EvaluationRecord.ExitRecord) -> String {
    let shift = exit.shift
    var table = Table([
      ("exit by \(exit.criterion)", .left), ("mean r", .right), ("perplexity", .right),
      ("tokens by r = 1, 2, …", .left),
    ])
    for (name, tally) in [("reference", shift.reference), ("pack", shift.pack)] {
      table.add([
        name, Numbers.fixed(tally.meanSteps, digits: 3),
        Numbers.fixed(tally.likelihood.perplexity, digits: 4),
        tally.distribution.map { "\($0)" }.joined(separator: " "),
      ])
    }
    let share = Double(shift.same) / Double(max(1, shift.reference.count))
    return table.text
      + "\(Numbers.percent(share)) of tokens exit at the same recurrence; the pack takes "
      + "\(Numbers.fixed(100 * shift.addedWork.magnitude, digits: 2)) % "
      + "\(shift.addedWork < 0 ? "fewer" : "more") recurrences\n"
  }

  private static func table(_ questions: [QuestionDamage]) -> Table {
    var table = Table([
      ("r", .right), ("questions", .right), ("correct", .right), ("95 %", .left),
      ("pack's", .right), ("95 %", .left), ("same answer", .right), ("gained", .right),
      ("lost", .right),
    ])
    for depth in questions {
      table.add([
        "\(depth.steps)", "\(depth.reference.total)", Numbers.percent(depth.reference.share),
        interval(depth.reference), Numbers.percent(depth.pack.share), interval(depth.pack),
        Numbers.percent(depth.agreement), "\(depth.gained)", "\(depth.lost)",
      ])
    }
    return table
  }

  private static func interval(_ accuracy: Accuracy) -> String {
    let bounds = accuracy.interval
    return "\(Numbers.fixed(100 * bounds.lowerBound, digits: 1))-"
      + "\(Numbers.fixed(100 * bounds.upperBound, digits: 1))"
  }
}

extension EvaluationMaterial {
  /// The questions with their answers, one by one, for machines.
  func questionJSON(_ evaluation: QuestionEvaluation?) -> [String: JSONValue] {
    guard let evaluation else { return [:] }
    func answers(_ answers: QuestionEvaluation.Answers) -> JSONValue {
      .object(
        Dictionary(
          zip(evaluation.steps.map { "\($0)" }, answers.tokens.map { .string(text($0)) })
        ) { $1 })
    }
    return [
      "answers": .array(
        zip(asked, evaluation.outcomes).map { question, outcome in
          [
            "prompt": .string(question.prompt), "answer": .string(question.answer),
            "reference": answers(outcome.reference), "pack": answers(outcome.pack),
          ]
        })
    ]
  }

  /// The questions that the pack answers otherwise at the deepest recurrence, a few of them.
  func questionText(_ evaluation: QuestionEvaluation?) -> String {
    guard let evaluation, let last = evaluation.steps.last else { return "" }
    var lines: [String] = []
    for (question, outcome) in zip(asked, evaluation.outcomes) {
      guard let expected = outcome.reference.tokens.last, let found = outcome.pack.tokens.last,
        expected != found
      else { continue }
      lines.append(
        "r = \(last): '\(question.prompt)' expects '\(question.answer)'; the reference "
          + "answers '\(text(expected))', the pack '\(text(found))'")
    }
    guard !lines.isEmpty else { return "" }
    let rest = lines.count > 10 ? "and \(lines.count - 10) more\n" : ""
    return lines.prefix(10).map { $0 + "\n" }.joined() + rest
  }
}
