import Models
import Inference
import Parallelism
import TestSupport
import Testing

@testable import Evaluation

struct QuestionEvaluationTests {
  private let model: Model

  init() throws { model = try Model(StoredModel(path: Fixtures.tiny)) }

  private func tokens(_ text: String) -> [Int] { text.utf8.map { Int($0) } }

  private func outcomes(
    _ questions: [(String, String)], steps: [Int], workers: Int = 2
  ) throws -> QuestionEvaluation {
    var evaluation = QuestionEvaluation(
      questions.map { .init(prompt: tokens($0.0), answer: tokens($0.1)) }, reference: model,
      pack: model, steps: steps)
    while !evaluation.isFinished { try evaluation.advance(on: Workers(count: workers)) }
    return evaluation
  }

  @Test func `the answers to chains are the reference's, at every depth`() throws {
    let chains = try Chains.read().prefix(8)
    let evaluation = try outcomes(
      chains.map { ($0.prompt, $0.answer) }, steps: [1, 2, 4, 8, 16, 32])
    for (question, outcome) in zip(chains, evaluation.outcomes) {
      for (place, steps) in evaluation.steps.enumerated() {
        let answer = String(decoding: outcome.pack.tokens[place].map { UInt8($0) }, as: UTF8.self)
        #expect(answer == question.reference["\(steps)"], "\(question.prompt), \(steps) steps")
      }
    }
    for damage in evaluation.damages {
      let right = chains.count { $0.reference["\(damage.steps)"] == $0.answer }
      #expect(damage.reference.right == right)
      #expect(damage.pack == damage.reference)
      #expect(damage.agreements == 8)
      #expect(damage.gained + damage.lost == 0)
    }
  }

  @Test func `an answer of several tokens is right where greedy decoding writes it`() throws {
    var options = Generation.Options(Session.Depth(2))
    options.tokenLimit = 4
    var generation = Generation(Session(model), options)
    let written = try generation.run(tokens("In the beginning "), emit: { _ in true }).tokens
    let text = String(decoding: written.map { UInt8($0) }, as: UTF8.self)
    let wrong = String(text.prefix(2)) + "#" + String(text.suffix(1))
    let evaluation = try outcomes(
      [("In the beginning ", text), ("In the beginning ", wrong)], steps: [2])
    #expect(evaluation.outcomes[0].reference.tokens == [written])
    #expect(evaluation.outcomes[1].reference.tokens == [Array(written.prefix(3))])
    #expect(evaluation.damages[0].reference.right == 1)
  }

  @Test func `questions answered together are answered as each alone`() throws {
    let questions = [
      ("In the beginning ", "God"), ("a", "bc"), ("And the earth was without form", ", "),
      ("1", "2"),
    ]
    let together = try outcomes(questions, steps: [1, 3], workers: 1).outcomes
    let alone = try questions.flatMap { try outcomes([$0], steps: [1, 3]).outcomes }
    #expect(together == alone)
    #expect(try outcomes(questions, steps: [1, 3], workers: 3).outcomes == together)
  }
}
