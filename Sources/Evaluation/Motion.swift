/// How one token's latent state moves from recurrence to recurrence: numbers, and a verdict.
public struct Motion: Equatable, Sendable {
  /// The word.
  public enum Kind: String, CaseIterable, Sendable {
    /// The steps die out: the state nears a fixed point.
    case converging
    /// The steps do not die out, and lead round: the state stays in a region.
    case orbiting
    /// The steps do not die out, and lead away: a "slider" in the paper's words.
    case drifting
  }

  /// ‖xₖ − xₖ₋₁‖ / ‖xₖ‖ for each recurrence k from 1.
  public let steps: [Double]
  /// The mean of them over the last quarter.
  public let finalStep: Double
  /// The mean length of a step in the last quarter divided by that in the second; below 1 if steps
  /// shrink.
  public let decay: Double
  /// Over the second half, the distance between its ends divided by the length of the path: 1 on a
  /// straight line, near 0 if the state comes back.
  public let straightness: Double
  /// The number of recurrences, from 2, after which states of the second half come nearest to where
  /// they were; nil if the run is too short.
  public let period: Int?
  /// How near they come: the mean of ‖xₖ − xₖ₋ₚ‖ over the mean distance from the centre, 0 on a
  /// closed orbit.
  public let recurrenceError: Double?

  /// The fewest recurrences that show a motion.
  public static let minimumRecurrences = 8
  /// Steps below this fraction of the state are treated as rest.
  public static let restingStep = 1e-3
  /// Steps that shrink to less than this fraction from the second quarter to the last die out.
  public static let dyingDecay = 0.5
  /// A path with at least this straightness leads away.
  public static let driftingStraightness = 0.5

  /// The verdict that follows from these numbers.
  public var kind: Kind {
    if finalStep < Self.restingStep || decay < Self.dyingDecay { return .converging }
    return straightness >= Self.driftingStraightness ? .drifting : .orbiting
  }

  /// Measures a trajectory.
  ///
  /// - Parameter states: x₀, x₁, … of one token, each `[n_embd]`; at least
  ///   ``minimumRecurrences`` after the first.
  public init(_ states: [[Float]]) {
    precondition(states.count > Self.minimumRecurrences, "too short to tell")
    let moved = (1..<states.count).map { distance(states[$0], states[$0 - 1]) }
    let steps = moved.enumerated().map { index, way in
      let norm = distance(states[index + 1], nil)
      return norm > 0 ? way / norm : 0
    }
    self.steps = steps
    let (count, last) = (steps.count, states.count - 1)
    finalStep = mean(steps[(3 * count / 4)...])
    let earlier = mean(moved[(count / 4)..<(count / 2)])
    decay = earlier > 0 ? mean(moved[(3 * count / 4)...]) / earlier : 0
    let middle = last / 2
    let way = moved[middle...].reduce(0, +)
    straightness = way > 0 ? distance(states[last], states[middle]) / way : 0
    let half = Array(states[middle...])
    let centre = half[0].indices.map { index in
      half.reduce(Float(0)) { $0 + $1[index] } / Float(half.count)
    }
    let radius = mean(half.map { distance($0, centre) }[...])
    var best: (period: Int, error: Double)?
    for period in 2..<max(2, half.count / 2) where radius > 0 {
      let returns = (period..<half.count).map { distance(half[$0], half[$0 - period]) }
      let error = mean(returns[...]) / radius
      if error < best?.error ?? .infinity { best = (period, error) }
    }
    period = best?.period
    recurrenceError = best?.error
  }

  /// Numbers that were measured before.
  init(
    steps: [Double], finalStep: Double, decay: Double, straightness: Double, period: Int?,
    recurrenceError: Double?
  ) {
    self.steps = steps
    self.finalStep = finalStep
    self.decay = decay
    self.straightness = straightness
    self.period = period
    self.recurrenceError = recurrenceError
  }
}

/// ‖a − b‖, or ‖a‖ without b.
private func distance(_ a: [Float], _ b: [Float]?) -> Double {
  var sum = 0.0
  for index in a.indices {
    let difference = Double(a[index]) - (b.map { Double($0[index]) } ?? 0)
    sum += difference * difference
  }
  return sum.squareRoot()
}

private func mean(_ values: ArraySlice<Double>) -> Double {
  values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}
