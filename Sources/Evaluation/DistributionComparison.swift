import CMuninnMath

/// Two next-token distributions for the same position: the reference's and a candidate's.
///
/// Softmax, logarithms and sums are taken in binary64.
struct DistributionComparison {
  /// −log of the probability that each gives the token which follows, in nats.
  let referenceNLL: Double
  /// The same of the candidate.
  let candidateNLL: Double
  /// KL(reference ‖ candidate) = Σ p · (log p − log q), in nats; not below 0.
  let divergence: Double
  /// Whether the most probable token is the same.
  let agreesOnTop: Bool
  /// The share of the reference's five most probable tokens that are among the candidate's five.
  let topFiveShare: Double

  /// Compares two rows of logits.
  ///
  /// - Parameters:
  ///   - reference: `[padded_vocab_size]`, finite.
  ///   - candidate: the same.
  ///   - next: the token that follows.
  init(_ reference: Span<Float>, _ candidate: Span<Float>, next: Int) {
    let (top, otherTop) = (Self.topFive(reference), Self.topFive(candidate))
    let largest = Double(reference[top[0]])
    let otherLargest = Double(candidate[otherTop[0]])
    var (sum, otherSum, product) = (0.0, 0.0, 0.0)
    for index in reference.indices {
      let a = Double(reference[index]) - largest
      let b = Double(candidate[index]) - otherLargest
      let share = exp(a)
      sum += share
      otherSum += exp(b)
      product += share * (a - b)
    }
    referenceNLL = log(sum) - (Double(reference[next]) - largest)
    candidateNLL = log(otherSum) - (Double(candidate[next]) - otherLargest)
    // Rounding can leave a little less than nothing between two equal distributions.
    divergence = max(0, product / sum - log(sum) + log(otherSum))
    agreesOnTop = top[0] == otherTop[0]
    topFiveShare = Double(top.count { otherTop.contains($0) }) / Double(top.count)
  }

  /// The indices of the five largest values, the largest first and the first of equals before.
  static func topFive(_ values: Span<Float>) -> [Int] {
    var top: [Int] = []
    for index in values.indices where top.count < 5 || values[index] > values[top[top.count - 1]] {
      let place = top.firstIndex { values[index] > values[$0] } ?? top.count
      top.insert(index, at: place)
      if top.count > 5 { top.removeLast() }
    }
    return top
  }
}

/// −log of the probability that a row of logits gives a token, in nats.
func negativeLogLikelihood(_ logits: Span<Float>, of token: Int) -> Double {
  var largest = -Double.infinity
  for index in logits.indices { largest = max(largest, Double(logits[index])) }
  var sum = 0.0
  for index in logits.indices { sum += exp(Double(logits[index]) - largest) }
  return log(sum) - (Double(logits[token]) - largest)
}
