import Models
import Foundation
import Inference
import PackFormat
import Parallelism
import StrictJSON
import TestSupport
import Testing

@testable import Evaluation

struct TextEvaluationTests {
  private let reference: Model
  private let pack: Model
  private let windows = TextEvaluation.windows(
    of: "In the beginning God created the heaven and the earth. And the ".utf8.map { Int($0) },
    length: 13)

  init() throws {
    reference = try Model(StoredModel(path: Fixtures.nano))
    pack = try Model(try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn")))
  }

  private func evaluation(_ candidate: Model, steps: [Int] = [2, 0, 1]) -> TextEvaluation {
    TextEvaluation(
      windows, reference: reference, candidates: [.init("pack", candidate)], steps: steps)
  }

  private func finished(_ evaluation: TextEvaluation, on workers: Workers) throws -> TextEvaluation
  {
    var evaluation = evaluation
    while !evaluation.isFinished { try evaluation.advance(on: workers) }
    return evaluation
  }

  @Test func `windows hold every token once, a lonely last one apart`() {
    #expect(TextEvaluation.windows(of: Array(0..<7), length: 3) == [[0, 1, 2], [3, 4, 5]])
    #expect(TextEvaluation.windows(of: Array(0..<8), length: 3).last == [6, 7])
    #expect(TextEvaluation.windows(of: [], length: 3).isEmpty)
  }

  @Test func `a model does itself no damage`() throws {
    let evaluation = try finished(evaluation(reference), on: Workers(count: 2))
    let damage = try #require(evaluation.damages.first?.damage)
    #expect(damage.byRecurrence.map(\.steps) == [0, 1, 2])
    for depth in damage.byRecurrence {
      #expect(depth.maximumDivergence == 0)
      #expect(depth.top1Agreement == 1)
      #expect(depth.top5Agreement == 1)
      #expect(depth.reference == depth.pack)
      #expect(depth.latentError == (depth.steps == 0 ? nil : 0))
    }
    #expect(damage.latents.allSatisfy { abs($0.cosine - 1) < 1e-12 && $0.movement > 0 })
  }

  @Test func `the damage does not depend on threads, batches or an interruption`() throws {
    let whole = try finished(evaluation(pack), on: Workers(count: 1))
    #expect(try finished(evaluation(pack), on: Workers(count: 3)).sums == whole.sums)
    var first = evaluation(pack)
    first.tokensInBatch = 26
    try first.advance(on: Workers(count: 1))
    #expect(!first.isFinished)
    let inputs: JSONValue = ["x": 1]
    let saved = JSONValue.object(
      PartialEvaluation(text: first, ablation: nil, exit: nil, questions: nil).json(inputs: inputs)
    ).canonicalBytes
    let partial = try #require(try PartialEvaluation(parsing: saved, inputs: inputs))
    var second = evaluation(pack)
    try second.resume(partial)
    #expect(second.completed == first.completed)
    second.tokensInBatch = 1
    #expect(try finished(second, on: Workers(count: 1)).sums == whole.sums)
    let damage = try #require(whole.damages.first?.damage)
    // From zeros without a recurrence there is nothing to decode.
    #expect(damage.byRecurrence[0].maximumDivergence == 0)
    #expect(damage.byRecurrence.dropFirst().allSatisfy { $0.meanDivergence > 0 })
    #expect(damage.latents.allSatisfy { $0.error > 0 && $0.cosine < 1 })
  }

  @Test func `sums of another evaluation are refused`() throws {
    let inputs: JSONValue = ["x": 1]
    let saved = JSONValue.object(
      PartialEvaluation(text: evaluation(pack), ablation: nil, exit: nil, questions: nil)
        .json(inputs: inputs)
    ).canonicalBytes
    #expect(throws: PartialEvaluationError.otherInputs) {
      try PartialEvaluation(parsing: saved, inputs: ["x": 2])
    }
    let partial = try #require(try PartialEvaluation(parsing: saved, inputs: inputs))
    var other = evaluation(pack, steps: [1])
    #expect(throws: PartialEvaluationError.misfit) { try other.resume(partial) }
    #expect(throws: PartialEvaluationError.self) {
      try PartialEvaluation(parsing: Array("{}".utf8), inputs: inputs)
    }
  }

  @Test func `the likelihood is that of one session`() throws {
    let evaluation = try finished(evaluation(pack, steps: [2]), on: Workers(count: 1))
    var (sum, count) = (0.0, 0)
    for window in windows {
      var session = Session(pack)
      let logits = try session.evaluate(window, steps: 2)
      for position in 0..<window.count - 1 {
        let row = logits[position * 256..<(position + 1) * 256].map { Double($0) }
        sum += log(row.reduce(0) { $0 + exp($1) }) - row[window[position + 1]]
        count += 1
      }
    }
    let nll = try #require(evaluation.damages.first?.damage.byRecurrence.first?.pack.nll)
    #expect(abs(nll - sum / Double(count)) < 1e-9)
  }

  @Test func `a token outside the vocabulary is refused`() {
    var evaluation = TextEvaluation(
      [[1, 256]], reference: reference, candidates: [.init("pack", pack)], steps: [1])
    #expect(throws: InferenceError.token(256, vocabulary: 256)) {
      try evaluation.advance(on: Workers(count: 1))
    }
  }
}
