import Models
import Foundation
import HuginnModel
import TestSupport
import Testing

@testable import Inference

/// The authors' own PyTorch code, in float32: what it computed, this must compute.
struct GoldenTests {
  /// A checkpoint of the fixtures with its reference results.
  struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    var file: String { "checkpoints/\(name)/golden.safetensors" }
    var testDescription: String { name }

    func floats(_ tensor: String) throws -> [Float] { try Fixtures.floats(tensor, in: file) }
    func tokens() throws -> [Int] { try Fixtures.integers("input_ids", in: file) }

    func model() throws -> Model {
      try Model(StoredModel(path: Fixtures.path("checkpoints/\(name)")))
    }

    /// The steps taken per token, by criterion and threshold.
    func adaptiveSteps() throws -> [String: [Int]] {
      let data = Data(try Fixtures.bytes("checkpoints/\(name)/golden.json"))
      let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return try #require(json?["adaptive_compute_steps"] as? [String: [Int]])
    }
  }

  static let goldens = ["huginn-nano", "huginn-tiny"].map { Golden(name: $0) }

  /// The largest difference, relative to the largest expected magnitude.
  private func difference(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    let scale = max(expected.map(\.magnitude).max() ?? 0, .leastNormalMagnitude)
    return zip(found, expected).reduce(0) { max($0, ($1.0 - $1.1).magnitude) } / scale
  }

  /// Where float32 sums in another order end up: a few hundred roundings of 2⁻²⁴.
  private static let tolerance: Float = 2e-5

  @Test(arguments: goldens)
  func `the prelude's output`(golden: Golden) throws {
    let session = Session(try golden.model())
    let found = session.preludeOutput(try golden.tokens())
    #expect(try difference(found, golden.floats("prelude_output")) < Self.tolerance)
  }

  @Test(arguments: goldens, [0, 1, 2, 4, 8, 16, 32])
  func `logits and latents at each depth, from zeros and from a given state`(
    golden: Golden, steps: Int
  ) throws {
    let model = try golden.model()
    let tokens = try golden.tokens()
    for state in ["zero", "random"] {
      var session = Session(model)
      var last: [Float] = []
      let given = state == "random" ? try golden.floats("random_state") : nil
      let logits = try session.evaluate(tokens, steps: steps, from: given) { _, states in
        last = states
      }
      let prefix = "\(state)_state.steps_\(steps)"
      #expect(
        try difference(logits, golden.floats("\(prefix).logits")) < Self.tolerance, "\(prefix)")
      #expect(
        try difference(model.normalizedLatent(last), golden.floats("\(prefix).latents"))
          < Self.tolerance, "\(prefix)")
    }
  }

  @Test(arguments: goldens)
  func `the whole latent trajectory`(golden: Golden) throws {
    var session = Session(try golden.model())
    var trajectory: [[Float]] = []
    _ = try session.evaluate(golden.tokens(), steps: 32) { _, states in trajectory.append(states) }
    let expected = try golden.floats("zero_state.trajectory")
    let size = expected.count / 33
    #expect(trajectory.count == 33)
    for (recurrence, states) in trajectory.enumerated() {
      let slice = Array(expected[recurrence * size..<(recurrence + 1) * size])
      if recurrence == 0 {
        #expect(states == slice)
      } else {
        #expect(difference(states, slice) < Self.tolerance, "recurrence \(recurrence)")
      }
    }
  }

  @Test(
    arguments: goldens,
    [
      "latent-diff@0.03", "latent-diff@0.3", "kl@0.001", "kl@0.01", "entropy-diff@0.001",
      "entropy-diff@0.01", "cosine@0.001", "cosine@0.01", "argmax-stability@5",
      "argmax-stability@3", "minp-kl@1e-05", "minp-kl@0.001",
    ])
  func `adaptive exits take the same steps`(golden: Golden, name: String) throws {
    let expected = try #require(try golden.adaptiveSteps()[name])
    let parts = name.split(separator: "@")
    let criterion = try #require(ExitCriterion("\(parts[0]):\(parts[1])"))
    let model = try golden.model()
    var session = Session(model)
    let depth = Session.Depth(model.config.meanRecurrence, until: criterion)
    var steps: [Int] = []
    var logits: [Float] = []
    for token in try golden.tokens() {
      let outcome = try session.step(token, depth)
      steps.append(outcome.steps)
      logits += outcome.logits
    }
    #expect(steps == expected)
    #expect(
      try difference(logits, golden.floats("adaptive.\(name).logits")) < 10 * Self.tolerance)
  }
}
