import HuginnModel
import Inference

/// What one window of text showed, through the reference and through each candidate, in step.
struct WindowComparison: Sendable {
  /// For each candidate, for each number of recurrences asked for, the predictions.
  private(set) var predictions: [[[DistributionComparison]]]
  /// For each candidate, after each recurrence, the latent states.
  private(set) var latents: [[LatentSums]]

  /// Nothing yet.
  private init(candidates count: Int) {
    predictions = Array(repeating: [], count: count)
    latents = Array(repeating: [], count: count)
  }

  /// Runs windows together.
  ///
  /// - Parameters:
  ///   - windows: each of at least two tokens.
  ///   - reference: what is true.
  ///   - candidates: what is measured.
  ///   - steps: ascending numbers of recurrences.
  /// - Returns: what each window showed, which does not depend on those beside it.
  /// - Throws: ``InferenceError``.
  static func run(
    _ windows: ArraySlice<[Int]>, _ reference: Model, _ candidates: [Model], steps: [Int]
  ) throws(InferenceError) -> [WindowComparison] {
    let (windows, config) = (Array(windows), reference.config)
    let (width, vocabulary) = (config.embeddingSize, config.paddedVocabularySize)
    var results = windows.map { _ in WindowComparison(candidates: candidates.count) }
    // The rows of each window.
    var rows: [Range<Int>] = []
    for window in windows {
      let first = rows.last?.upperBound ?? 0
      rows.append(first..<first + window.count)
    }
    // Nothing is known to follow a window's last token.
    let predicting = rows.flatMap { $0.dropLast() }
    var truth = try Rollout(reference, windows)
    var rollouts: [Rollout] = []
    for candidate in candidates { rollouts.append(try Rollout(candidate, windows)) }
    for recurrence in 0...(steps.last ?? 0) {
      if recurrence > 0 {
        let previous = truth.states
        truth.recur()
        let expected = truth.states
        for index in rollouts.indices {
          rollouts[index].recur()
          let found = rollouts[index].states
          for (window, rows) in rows.enumerated() {
            let some = rows.lowerBound * width..<rows.upperBound * width
            var sums = LatentSums()
            sums.add(
              expected.span.extracting(some), after: previous.span.extracting(some),
              found.span.extracting(some), width: width, tokens: rows.count - 1)
            results[window].latents[index].append(sums)
          }
        }
      }
      guard steps.contains(recurrence) else { continue }
      let expected = try truth.logits(of: predicting)
      for index in rollouts.indices {
        let found = try rollouts[index].logits(of: predicting)
        for (window, rows) in rows.enumerated() {
          // A row less for each window before.
          let first = rows.lowerBound - window
          let some = first * vocabulary..<(first + rows.count - 1) * vocabulary
          results[window].predictions[index].append(
            compare(
              expected.span.extracting(some), found.span.extracting(some), windows[window],
              vocabulary))
        }
      }
    }
    return results
  }

  private static func compare(
    _ expected: Span<Float>, _ found: Span<Float>, _ tokens: [Int], _ vocabulary: Int
  ) -> [DistributionComparison] {
    (0..<tokens.count - 1).map { position in
      let row = position * vocabulary..<(position + 1) * vocabulary
      return DistributionComparison(
        expected.extracting(row), found.extracting(row), next: tokens[position + 1])
    }
  }
}
