/// How many questions were answered correctly.
public struct Accuracy: Equatable, Sendable {
  /// The right answers.
  public let right: Int
  /// The questions.
  public let total: Int

  /// Their share; 0 of no question.
  public var share: Double { Double(right) / Double(max(1, total)) }

  /// The 95 % confidence interval of the share (Wilson, JASA 1927), which holds for few questions
  /// and near 0 and 1 too.
  public var interval: ClosedRange<Double> {
    guard total > 0 else { return 0...1 }
    let (n, z) = (Double(total), 1.959964)
    let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    let spread =
      z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, centre - spread)...min(1, centre + spread)
  }
}

/// What a pack does to answers, at one number of recurrences.
public struct QuestionDamage: Equatable, Sendable {
  /// The recurrences.
  public let steps: Int
  /// Of the reference.
  public let reference: Accuracy
  /// Of the pack.
  public let pack: Accuracy
  /// The questions to which both gave the same answer, right or wrong.
  public let agreements: Int
  /// The questions that only the pack answered correctly.
  public let gained: Int
  /// The questions that only the reference answered correctly.
  public let lost: Int

  /// The share of equal answers.
  public var agreement: Double { Double(agreements) / Double(max(1, reference.total)) }
}

extension QuestionEvaluation {
  /// What has been counted so far, by number of recurrences.
  public var damages: [QuestionDamage] {
    steps.enumerated().map { index, steps in
      var (right, packRight, agreements, gained, lost) = (0, 0, 0, 0, 0)
      for (question, outcome) in zip(questions, outcomes) {
        let (expected, found) = (outcome.reference.tokens[index], outcome.pack.tokens[index])
        let (isRight, isPackRight) = (expected == question.answer, found == question.answer)
        right += isRight ? 1 : 0
        packRight += isPackRight ? 1 : 0
        agreements += expected == found ? 1 : 0
        gained += isPackRight && !isRight ? 1 : 0
        lost += isRight && !isPackRight ? 1 : 0
      }
      return QuestionDamage(
        steps: steps, reference: Accuracy(right: right, total: outcomes.count),
        pack: Accuracy(right: packRight, total: outcomes.count), agreements: agreements,
        gained: gained, lost: lost)
    }
  }
}
