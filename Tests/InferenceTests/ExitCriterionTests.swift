import TestSupport
import Testing

@testable import Inference

struct ExitCriterionTests {
  @Test(
    arguments: [
      ("kl", .kl, 1e-3), ("kl:0.01", .kl, 0.01), ("none", .none, 0),
      ("entropy-diff", .entropyDifference, 1e-3), ("latent-diff", .latentDifference, 0.03),
      ("cosine:1e-4", .cosine, 1e-4), ("minp-kl", .minPKL, 1e-5),
      ("argmax-stability", .argmaxStability, 5), ("argmax-stability:3", .argmaxStability, 3),
    ] as [(String, ExitCriterion.Kind, Double)])
  func `a name has the reference's threshold unless it gives one`(
    text: String, kind: ExitCriterion.Kind, threshold: Double
  ) throws {
    let criterion = try #require(ExitCriterion(text))
    #expect(criterion.kind == kind)
    #expect(criterion.threshold == threshold)
    #expect(ExitCriterion(criterion.description) == criterion)
  }

  @Test(
    arguments: ["", "KL", "kl:", "kl:x", "kl:-1", "kl:0", "kl:inf", "kl:nan", "none:1", "kl:1:2"])
  func `anything else is not a criterion`(text: String) {
    #expect(ExitCriterion(text) == nil)
  }

  @Test func `from a zero state the first cosine exits nothing`() {
    var progress = ExitProgress(
      ExitCriterion(.cosine, threshold: 10), state: [0, 0], vocabulary: 2)
    let first = progress.exits([1, 2], [])
    #expect(!first)
    #expect(progress.value.isNaN)
    let second = progress.exits([1, 2], [])
    #expect(second)
  }

  @Test func `the first top token is not yet stable`() {
    var progress = ExitProgress(
      ExitCriterion(.argmaxStability, threshold: 2), state: [], vocabulary: 3)
    let exits = [[0, 1, 0], [0, 2, 0], [3, 2, 0], [3, 0, 0], [9, 0, 0]].map { logits in
      progress.exits([], logits.map { Float($0) })
    }
    #expect(exits == [false, false, false, false, true])
  }

  @Test func `the divergence begins at uniform`() {
    var progress = ExitProgress(ExitCriterion(.kl), state: [], vocabulary: 4)
    let isUniform = progress.exits([], [7, 7, 7, 7])
    #expect(isUniform)
    var other = ExitProgress(ExitCriterion(.kl), state: [], vocabulary: 2)
    let exits = (0..<2).map { _ in other.exits([], [10, 0]) }
    #expect(exits == [false, true])
  }
}
