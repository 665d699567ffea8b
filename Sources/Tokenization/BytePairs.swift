/// Byte-pair encoding of one piece: pairs of neighbours are merged, the earliest rule first, the
/// leftmost of equals.
struct BytePairs: Sendable {
  /// A rule, and the token that it makes.
  struct Merge: Sendable {
    let rank: Int
    let token: Int
  }

  /// Two neighbouring tokens.
  struct Pair: Hashable, Sendable {
    let left: Int
    let right: Int
  }

  /// The token of each byte.
  let byteTokens: [Int]
  /// The rules.
  let merges: [Pair: Merge]
  /// Pieces that are a token whatever the rules make of them.
  var wholePieces: [[UInt8]: Int] = [:]

  /// The tokens of a piece, in time n · log n.
  func encode(_ bytes: [UInt8]) -> [Int] {
    if let token = wholePieces[bytes] { return [token] }
    var tokens = bytes.map { byteTokens[Int($0)] }
    guard tokens.count > 1 else { return tokens }
    // A list linked by position; a merged token stands at its left part's place.
    var next = Array(1...tokens.count)
    var previous = Array(-1..<tokens.count - 1)
    var isGone = [Bool](repeating: false, count: tokens.count)
    var queue = Heap()
    func candidate(at left: Int) -> Heap.Entry? {
      let right = next[left]
      guard right < tokens.count,
        let merge = merges[Pair(left: tokens[left], right: tokens[right])]
      else { return nil }
      return Heap.Entry(
        rank: merge.rank, position: left, left: tokens[left], right: tokens[right],
        token: merge.token)
    }
    for position in tokens.indices {
      if let entry = candidate(at: position) { queue.insert(entry) }
    }
    while let entry = queue.popLeast() {
      let (left, right) = (entry.position, next[entry.position])
      // What has changed since is another pair.
      guard !isGone[left], right < tokens.count, tokens[left] == entry.left,
        tokens[right] == entry.right
      else { continue }
      tokens[left] = entry.token
      isGone[right] = true
      next[left] = next[right]
      if next[left] < tokens.count { previous[next[left]] = left }
      if let entry = candidate(at: left) { queue.insert(entry) }
      if previous[left] >= 0, let entry = candidate(at: previous[left]) { queue.insert(entry) }
    }
    return tokens.indices.filter { !isGone[$0] }.map { tokens[$0] }
  }

  /// The pairs that may be merged, least rank and then leftmost first.
  private struct Heap {
    struct Entry {
      let rank: Int
      let position: Int
      let left: Int
      let right: Int
      let token: Int

      static func < (a: Entry, b: Entry) -> Bool {
        (a.rank, a.position) < (b.rank, b.position)
      }
    }

    private var entries: [Entry] = []

    mutating func insert(_ entry: Entry) {
      entries.append(entry)
      var child = entries.count - 1
      while child > 0, entries[child] < entries[(child - 1) / 2] {
        entries.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    }

    mutating func popLeast() -> Entry? {
      guard let least = entries.first, let last = entries.popLast() else { return nil }
      guard !entries.isEmpty else { return least }
      entries[0] = last
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < entries.count else { return least }
        if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
        guard entries[child] < entries[parent] else { return least }
        entries.swapAt(child, parent)
        parent = child
      }
    }
  }
}
