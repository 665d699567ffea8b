import Models
import Foundation
import Inference
import Parallelism
import TestSupport
import Testing

@testable import Evaluation

/// What the reference measured on the trained checkpoint, whole: part of `make test-exhaustive`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MUNINN_EXHAUSTIVE"] != nil))
struct TrainedCheckpointTests {
  private struct Perplexities: Decodable {
    struct Measured: Decodable {
      let nll: Double
      let perplexity: Double
    }
    let by_recurrence: [String: Measured]
  }

  private let model: Model
  private let steps = [1, 2, 4, 8, 16, 32]

  init() throws { model = try Model(StoredModel(path: Fixtures.tiny)) }

  private func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(
      type, from: Data(Fixtures.bytes("checkpoints/huginn-tiny/\(name)")))
  }

  @Test func `the answers to all chains are the reference's, at every depth`() throws {
    let questions = try Chains.read()
    var evaluation = QuestionEvaluation(
      questions.map {
        .init(prompt: $0.prompt.utf8.map { Int($0) }, answer: $0.answer.utf8.map { Int($0) })
      }, reference: model, pack: model, steps: steps)
    while !evaluation.isFinished { try evaluation.advance(on: Workers()) }
    for (question, outcome) in zip(questions, evaluation.outcomes) {
      for (place, steps) in steps.enumerated() {
        let answer = outcome.reference.tokens[place].map { UInt8($0) }
        #expect(
          String(decoding: answer, as: UTF8.self) == question.reference["\(steps)"],
          "\(question.prompt), \(steps) steps")
      }
    }
  }

  @Test func `the perplexity on held-out text is the reference's to 0.1 %, at every depth`() throws
  {
    let text = try Fixtures.bytes("checkpoints/huginn-tiny/heldout.txt").map { Int($0) }
    let expected = try json("perplexity.json", as: Perplexities.self).by_recurrence
    var evaluation = TextEvaluation(
      TextEvaluation.windows(of: text, length: 256), reference: model,
      candidates: [.init("", model)],
      steps: steps)
    #expect(evaluation.total == 65_280)
    while !evaluation.isFinished { try evaluation.advance(on: Workers()) }
    for depth in try #require(evaluation.damages.first?.damage.byRecurrence) {
      let measured = try #require(expected["\(depth.steps)"])
      #expect(abs(depth.reference.perplexity / measured.perplexity - 1) < 0.001)
      #expect(abs(depth.reference.nll - measured.nll) < 1e-4, "\(depth.steps) steps")
    }
  }
}
