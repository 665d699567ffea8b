/// Finds the expected name that an unexpected one was probably meant to be.
struct NearestName {
  private let candidates: [[UInt8]]
  /// The steps of comparison left: a hostile header can have a million names and a hostile config
  /// a hundred thousand tensors, and only the first hints are worth their time.
  private var remaining = 1 << 22

  init(candidates: [String]) {
    self.candidates = candidates.map { Array($0.utf8) }
  }

  /// The candidate of the smallest edit distance, if that is at most a third of the name.
  mutating func nearest(to name: String) -> String? {
    guard remaining > 0, name.utf8.count <= 256 else { return nil }
    let name = Array(name.utf8)
    var nearest: [UInt8]?
    var limit = max(3, name.count / 3)
    // Each byte by which the lengths differ is an edit.
    for candidate in candidates where abs(candidate.count - name.count) <= limit {
      remaining -= name.count * candidate.count
      guard remaining > 0 else { return nil }
      let distance = Self.editDistance(name, candidate)
      if distance <= limit { (nearest, limit) = (candidate, distance - 1) }
    }
    return nearest.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The Levenshtein distance: the fewest insertions, deletions and substitutions.
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var previous = Array(0...b.count)
    for (row, left) in a.enumerated() {
      var current = [row + 1]
      for (column, right) in b.enumerated() {
        let substitution = previous[column] + (left == right ? 0 : 1)
        current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[b.count]
  }
}
