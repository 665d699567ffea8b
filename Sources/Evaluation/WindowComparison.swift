import HuginnModel
import Inference

/// One window of text through the reference and through each candidate, in step.
struct WindowComparison: Sendable {
  /// For each candidate, for each number of recurrences asked for, the predictions.
  private(set) var predictions: [[[DistributionComparison]]]
  /// For each candidate, after each recurrence, the latent states.
  private(set) var latents: [[LatentSums]]

  /// Runs a window.
  ///
  /// - Parameters:
  ///   - tokens: at least two.
  ///   - reference: what is true.
  ///   - candidates: what is measured.
  ///   - steps: ascending numbers of recurrences.
  /// - Throws: ``InferenceError``.
  init(
    _ tokens: [Int], _ reference: Model, _ candidates: [Model], steps: [Int]
  ) throws(InferenceError) {
    var truth = try Rollout(reference, tokens)
    var rollouts: [Rollout] = []
    for candidate in candidates { rollouts.append(try Rollout(candidate, tokens)) }
    predictions = candidates.map { _ in [] }
    latents = candidates.map { _ in [] }
    for recurrence in 0...(steps.last ?? 0) {
      if recurrence > 0 {
        let previous = truth.states
        truth.recur()
        for index in rollouts.indices {
          rollouts[index].recur()
          let (expected, found) = (truth.states, rollouts[index].states)
          var sums = LatentSums()
          sums.add(
            expected.span, after: previous.span, found.span,
            width: reference.config.embeddingSize, tokens: tokens.count - 1)
          latents[index].append(sums)
        }
      }
      guard steps.contains(recurrence) else { continue }
      let expected = try truth.logits()
      for index in rollouts.indices {
        let found = try rollouts[index].logits()
        predictions[index].append(
          Self.compare(expected, found, tokens, reference.config.paddedVocabularySize))
      }
    }
  }

  private static func compare(
    _ expected: [Float], _ found: [Float], _ tokens: [Int], _ vocabulary: Int
  ) -> [DistributionComparison] {
    (0..<tokens.count - 1).map { position in
      let row = position * vocabulary..<(position + 1) * vocabulary
      return DistributionComparison(
        expected.span.extracting(row), found.span.extracting(row), next: tokens[position + 1])
    }
  }
}
