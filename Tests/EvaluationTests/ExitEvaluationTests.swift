import Models
import Inference
import Parallelism
import TestSupport
import Testing

@testable import Evaluation

struct ExitEvaluationTests {
  private func depth(_ limit: Int) -> Session.Depth {
    Session.Depth(limit, until: ExitCriterion(.latentDifference))
  }

  @Test func `a model compared with itself exits at the same recurrences`() throws {
    let model = try Model(StoredModel(path: Fixtures.nano))
    let windows = [[1, 2, 3, 4], [9, 8]]
    var evaluation = ExitEvaluation(windows, reference: model, pack: model, depth: depth(6))
    while !evaluation.isFinished { try evaluation.advance(on: Workers(count: 1)) }
    var expected = [Int](repeating: 0, count: 6)
    for window in windows {
      var session = Session(model)
      for token in window.dropLast() {
        expected[try session.step(token, depth(6)).steps - 1] += 1
      }
    }
    #expect(evaluation.shift.reference.distribution == expected)
    #expect(evaluation.shift.pack == evaluation.shift.reference)
    #expect(evaluation.shift.same == 4)
    #expect(evaluation.shift.addedWork == 0)
  }

  @Test func `what a pack adds is the ratio of mean recurrences`() {
    var shift = ExitEvaluation.Shift(limit: 4)
    shift.reference = ExitEvaluation.Tally(distribution: [2, 2, 0, 0], nll: 4)
    shift.pack = ExitEvaluation.Tally(distribution: [0, 3, 0, 1], nll: 8)
    #expect(shift.reference.meanSteps == 1.5)
    #expect(shift.pack.meanSteps == 2.5)
    #expect(abs(shift.addedWork - 2.0 / 3) < 1e-12)
    #expect(shift.pack.likelihood.nll == 2)
  }
}
