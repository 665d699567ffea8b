/// What a text evaluation has added up.
struct TextSums: Equatable, Sendable {
  /// After one number of recurrences.
  struct AtDepth: Equatable, Sendable {
    let steps: Int
    var sums: DamageSums
  }

  /// Of one candidate.
  struct Candidate: Equatable, Sendable {
    /// By number of recurrences, ascending.
    var bySteps: [AtDepth]
    /// After each recurrence from 1.
    var latents: [LatentSums]
  }

  /// The windows added.
  var windows = 0
  /// In the order of the candidates.
  var candidates: [Candidate]

  /// Nothing yet.
  init(candidates count: Int, steps: [Int], predictions: Int) {
    candidates = Array(
      repeating: Candidate(
        bySteps: steps.map { AtDepth(steps: $0, sums: DamageSums(total: predictions)) },
        latents: Array(repeating: LatentSums(), count: steps.last ?? 0)),
      count: count)
  }

  /// Takes the next window.
  mutating func add(_ window: WindowComparison) {
    windows += 1
    for index in candidates.indices {
      for (place, predictions) in window.predictions[index].enumerated() {
        candidates[index].bySteps[place].sums.add(predictions)
      }
      for (place, latents) in window.latents[index].enumerated() {
        candidates[index].latents[place].add(latents)
      }
    }
  }
}
