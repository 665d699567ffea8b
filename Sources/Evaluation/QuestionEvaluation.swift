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
    let next = questions[outcomes.count..<min(outcomes.count + 4 * workers.count, questions.count)]
    guard !next.isEmpty else { return }
    let inner = Workers(count: max(1, workers.count / next.count))
    let (reference, pack) = (self.reference.running(on: inner), self.pack.running(on: inner))
    let steps = self.steps
    let results = workers.map(next.count) { index in
      Result { () throws(InferenceError) in
        let question = next[next.startIndex + index]
        return Outcome(
          reference: try Self.answers(of: reference, to: question, steps),
          pack: try Self.answers(of: pack, to: question, steps))
      }
    }
    for result in results { outcomes.append(try result.get()) }
  }

  private static func answers(
    of model: Model, to question: Question, _ steps: [Int]
  ) throws(InferenceError) -> Answers {
    let (prompt, answer) = (question.prompt, question.answer)
    let vocabulary = model.config.paddedVocabularySize
    var rollout = try Rollout(model, [prompt + answer.dropLast()])
    var tokens: [[Int]] = []
    for recurrence in 0...(steps.last ?? 0) {
      if recurrence > 0 { rollout.recur() }
      guard steps.contains(recurrence) else { continue }
      let logits = try rollout.logits()
      var greedy: [Int] = []
      for (index, right) in answer.enumerated() {
        let row = (prompt.count - 1 + index) * vocabulary
        let token = Sampler.greedy(Array(logits[row..<row + vocabulary]))
        greedy.append(token)
        guard token == right else { break }
      }
      tokens.append(greedy)
    }
    return Answers(tokens: tokens)
  }
}
