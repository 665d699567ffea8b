import HuginnModel
public import Inference
public import Parallelism

/// Questions with short answers, put to the reference and to a pack at several depths.
///
/// A question is answered right where greedy decoding gives the answer, token by token. One pass
/// over prompt and answer decides that: greedy decoding leaves the answer at the first token that
/// is not the most probable one after the right ones before it.
public struct QuestionEvaluation: EvaluationPart {
  /// A prompt and what should follow.
  public struct Question: Equatable, Sendable {
    /// Its tokens, at least one.
    public let prompt: [Int]
    /// The answer's, at least one.
    public let answer: [Int]

    /// A question.
    public init(prompt: [Int], answer: [Int]) {
      self.prompt = prompt
      self.answer = answer
    }
  }

  /// What a model answers, by number of recurrences.
  public struct Answers: Equatable, Sendable {
    /// For each number of recurrences the greedy tokens, up to the first that is wrong.
    public let tokens: [[Int]]
  }

  /// The answers to one question.
  public struct Outcome: Equatable, Sendable {
    /// By the reference.
    public let reference: Answers
    /// By the pack.
    public let pack: Answers
  }

  /// The questions.
  public let questions: [Question]
  /// The numbers of recurrences, ascending.
  public let steps: [Int]
  private let reference: Model
  private let pack: Model
  /// The answers to the first questions.
  public internal(set) var outcomes: [Outcome] = []

  /// An evaluation that has not begun.
  public init(_ questions: [Question], reference: Model, pack: Model, steps: [Int]) {
    precondition(questions.allSatisfy { !$0.prompt.isEmpty && !$0.answer.isEmpty })
    self.questions = questions
    self.steps = Array(Set(steps)).sorted()
    self.reference = reference
    self.pack = pack
  }

  /// The questions.
  public var total: Int { questions.count }
  /// The questions that have been asked.
  public var completed: Int { outcomes.count }

  /// Puts the next few questions.
  ///
  /// - Parameter workers: the threads.
  /// - Throws: ``InferenceError``.
  public mutating func advance(on workers: Workers) throws(InferenceError) {
    let cache = Session.cacheByteCount(
      reference.config, .full, tokens: 1, recurrences: steps.last ?? 0)
    let batches = Batches(
      questions.map(\.text.count), from: outcomes.count, bytesPerToken: cache,
      tokens: TextEvaluation.batchSize, on: workers)
    let (reference, pack) = (
      self.reference.running(on: batches.inner), self.pack.running(on: batches.inner)
    )
    let (questions, steps) = (self.questions, self.steps)
    let results = try batches.map { range throws(InferenceError) in
      zip(
        try Self.answers(of: reference, to: questions[range], steps),
        try Self.answers(of: pack, to: questions[range], steps)
      ).map { Outcome(reference: $0, pack: $1) }
    }
    outcomes += results.joined()
  }

  private static func answers(
    of model: Model, to questions: ArraySlice<Question>, _ steps: [Int]
  ) throws(InferenceError) -> [Answers] {
    var rollout = try Rollout(model, questions.map(\.text))
    // The tokens that an answer's follow.
    var (rows, first): ([Int], Int) = ([], 0)
    for question in questions {
      rows += first + question.prompt.count - 1..<first + question.text.count
      first += question.text.count
    }
    var answers = questions.map { _ in [[Int]]() }
    for recurrence in 0...(steps.last ?? 0) {
      if recurrence > 0 { rollout.recur() }
      guard steps.contains(recurrence) else { continue }
      let logits = try rollout.logits(of: rows)
      var row = 0
      for (index, question) in questions.enumerated() {
        answers[index].append(
          greedy(question.answer, logits, from: row, model.config.paddedVocabularySize))
        row += question.answer.count
      }
    }
    return answers.map { Answers(tokens: $0) }
  }

  /// The most probable tokens, up to the first that is not the answer's.
  private static func greedy(
    _ answer: [Int], _ logits: [Float], from row: Int, _ vocabulary: Int
  ) -> [Int] {
    var tokens: [Int] = []
    for (index, right) in answer.enumerated() {
      let start = (row + index) * vocabulary
      tokens.append(Sampler.greedy(Array(logits[start..<start + vocabulary])))
      guard tokens.last == right else { break }
    }
    return tokens
  }
}

extension QuestionEvaluation.Question {
  /// What goes through a model: nothing follows the answer's last token.
  fileprivate var text: [Int] { prompt + answer.dropLast() }
}
