/// What is added up over predictions after one number of recurrences.
struct DamageSums: Equatable, Sendable {
  /// The predictions.
  var count = 0
  var referenceNLL = 0.0
  var candidateNLL = 0.0
  var divergence = 0.0
  var divergences: LargestValues
  var topAgreements = 0
  var topFiveShares = 0.0

  /// Nothing of `total` predictions yet.
  init(total: Int) { divergences = LargestValues(total: total) }

  /// Takes the predictions of one window.
  mutating func add(_ window: [DistributionComparison]) {
    count += window.count
    for comparison in window {
      referenceNLL += comparison.referenceNLL
      candidateNLL += comparison.candidateNLL
      divergence += comparison.divergence
      topAgreements += comparison.agreesOnTop ? 1 : 0
      topFiveShares += comparison.topFiveShare
    }
    divergences.add(window.map(\.divergence))
  }
}

/// What is added up over latent states after one recurrence.
struct LatentSums: Equatable, Sendable {
  /// The states.
  var count = 0
  /// Σ ‖x′ − x‖ / ‖x‖, candidate against reference.
  var error = 0.0
  /// Σ x′ · x / (‖x′‖ ‖x‖).
  var cosine = 0.0
  /// Σ ‖xₖ − xₖ₋₁‖ / ‖xₖ‖ of the reference: how far it still moves.
  var movement = 0.0

  /// Takes the states of a window.
  ///
  /// - Parameters:
  ///   - reference: `[tokens, n_embd]`.
  ///   - previous: the reference's before the recurrence.
  ///   - candidate: `[tokens, n_embd]`.
  ///   - width: n_embd.
  ///   - tokens: the number of tokens to use, from the first.
  mutating func add(
    _ reference: Span<Float>, after previous: Span<Float>, _ candidate: Span<Float>, width: Int,
    tokens: Int
  ) {
    for token in 0..<tokens {
      var (norm, otherNorm, difference, product, moved) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for index in token * width..<(token + 1) * width {
        let (x, y) = (Double(reference[index]), Double(candidate[index]))
        norm += x * x
        otherNorm += y * y
        product += x * y
        difference += (y - x) * (y - x)
        moved += (x - Double(previous[index])) * (x - Double(previous[index]))
      }
      count += 1
      // A state of zeros is reached by no core with an end norm.
      guard norm > 0, otherNorm > 0 else { continue }
      error += (difference / norm).squareRoot()
      cosine += product / (norm * otherNorm).squareRoot()
      movement += (moved / norm).squareRoot()
    }
  }

  /// Takes what another has added up.
  mutating func add(_ other: LatentSums) {
    count += other.count
    error += other.error
    cosine += other.cosine
    movement += other.movement
  }
}
