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

  @Test func `windows of different lengths are run together as each alone`() throws {
    let model = try Model(StoredModel(path: Fixtures.nano))
    let pack = try Model(StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn")))
    let windows = (2..<9).map { length in (0..<length).map { ($0 * 31 + length * 7) % 256 } }
    func shift(_ windows: [[Int]], _ workers: Int) throws -> ExitEvaluation.Shift {
      var evaluation = ExitEvaluation(windows, reference: model, pack: pack, depth: depth(6))
      while !evaluation.isFinished { try evaluation.advance(on: Workers(count: workers)) }
      return evaluation.shift
    }
    let together = try shift(windows, 1)
    var alone = ExitEvaluation.Shift(limit: 6)
    for window in windows { alone.add(try shift([window], 1)) }
    #expect(together == alone)
    #expect(try shift(windows, 3) == together)
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
