import HuginnModel

/// How keys and values of earlier tokens are kept and found.
public enum CachePolicy: Hashable, Sendable, CustomStringConvertible {
  /// Each recurrence and core layer has a slot of its own; a token is found where it reached it.
  case full
  /// The same slots; a token that did not reach one is found in its deepest of the same layer.
  case latest
  /// Recurrences share `slots` core slots, each overwritten by the last that uses it.
  case share(slots: Int)

  /// A policy from its name on the command line; nil for another text.
  public init?(_ text: String) {
    switch text {
    case "full": self = .full
    case "latest-m4": self = .latest
    default:
      guard text.hasPrefix("share:"), let slots = Int(text.dropFirst(6)), slots > 0 else {
        return nil
      }
      self = .share(slots: slots)
    }
  }

  /// The name on the command line.
  public var description: String {
    switch self {
    case .full: "full"
    case .latest: "latest-m4"
    case .share(let slots): "share:\(slots)"
    }
  }
}

/// The keys and values of all tokens so far, by slot.
struct KeyValueCache: Sendable {
  /// A place in the forward pass that has keys and values of its own.
  enum Slot: Hashable, Sendable {
    case prelude(Int)
    case core(Int)
    case coda(Int)
  }

  /// What one slot holds, in order of position.
  struct Entries: Sendable {
    var positions: [Int] = []
    /// For each head the keys, `[entries, head_dim]`.
    var keys: [[Float]]
    /// For each head the values, `[entries, head_dim]`.
    var values: [[Float]]

    init(heads: Int) {
      keys = Array(repeating: [], count: heads)
      values = keys
    }

    /// The number of entries at positions up to `position`.
    func count(through position: Int) -> Int {
      // Nearly always all of them, or as many as there are positions since none is missing.
      guard let last = positions.last, last > position else { return positions.count }
      if last == positions.count - 1 { return position + 1 }
      return positions.firstIndex { $0 > position } ?? positions.count
    }

    /// The entry of a position.
    func index(of position: Int) -> Int? {
      if positions.last == position { return positions.count - 1 }
      return positions.firstIndex(of: position)
    }
  }

  let policy: CachePolicy
  private let config: HuginnConfig
  private var slots: [Slot: Entries] = [:]
  /// For each position, how many recurrences it has had.
  private var depths: [Int: Int] = [:]

  init(_ config: HuginnConfig, _ policy: CachePolicy) {
    self.config = config
    self.policy = policy
  }

  /// The slot of a recurrence and a core layer, both from 0.
  func coreSlot(recurrence: Int, layer: Int) -> Slot {
    let slot = recurrence * config.coreLayerCount + layer
    guard case .share(let count) = policy else { return .core(slot) }
    return .core(slot % count)
  }

  /// Puts keys and values of tokens into a slot, in place of what they had there.
  ///
  /// - Parameters:
  ///   - projected: rows of `(query, key, value)`, each `[n_heads · head_dim]`.
  ///   - row: the first token's.
  ///   - positions: of the tokens, which follow each other.
  ///   - slot: where.
  mutating func store(_ projected: [Float], row: Int, at positions: Range<Int>, in slot: Slot) {
    let (size, width) = (config.headSize, config.embeddingSize)
    var entries = slots.removeValue(forKey: slot) ?? Entries(heads: config.headCount)
    for (token, position) in positions.enumerated() {
      let key = (3 * (row + token) + 1) * width, value = key + width
      if let index = entries.index(of: position) {
        let place = index * size..<(index + 1) * size
        for head in 0..<config.headCount {
          let offset = head * size
          entries.keys[head].replaceSubrange(
            place, with: projected[key + offset..<key + offset + size])
          entries.values[head].replaceSubrange(
            place, with: projected[value + offset..<value + offset + size])
        }
      } else {
        precondition(entries.positions.last ?? -1 < position, "tokens come in order")
        entries.positions.append(position)
        for head in 0..<config.headCount {
          let offset = head * size
          entries.keys[head] += projected[key + offset..<key + offset + size]
          entries.values[head] += projected[value + offset..<value + offset + size]
        }
      }
      if case .core(let number) = slot {
        depths[position] = max(depths[position] ?? 0, number / config.coreLayerCount + 1)
      }
    }
    slots[slot] = entries
  }

  /// Forgets what is at positions from `count` on.
  mutating func truncate(to count: Int) {
    let size = config.headSize
    for slot in Array(slots.keys) {
      guard var entries = slots.removeValue(forKey: slot) else { continue }
      let kept = entries.count(through: count - 1)
      entries.positions.removeSubrange(kept...)
      for head in 0..<config.headCount {
        entries.keys[head].removeSubrange((kept * size)...)
        entries.values[head].removeSubrange((kept * size)...)
      }
      slots[slot] = entries
    }
    depths = depths.filter { $0.key < count }
  }

  /// What some tokens attend to in one head: for each token a number of the first entries.
  struct View {
    let positions: Range<Int>
    let counts: [Int]
    /// `[entries, head_dim]`.
    let keys: [Float]
    /// `[entries, head_dim]`.
    let values: [Float]
  }

  /// What tokens attend to, themselves included.
  ///
  /// - Parameters:
  ///   - slot: which has the tokens' own keys already.
  ///   - positions: of the tokens, which follow each other.
  ///   - head: which head.
  /// - Returns: one view for all tokens, or one for each.
  func views(in slot: Slot, from positions: Range<Int>, head: Int) -> [View] {
    guard let entries = slots[slot] else { return [] }
    let counts = positions.map { entries.count(through: $0) }
    if case .core(let number) = slot, policy == .latest,
      zip(positions, counts).contains(where: { $1 <= $0 })
    {
      return positions.map { position in
        let (keys, values) = gathered(number, through: position, head)
        return View(
          positions: position..<position + 1, counts: [keys.count / config.headSize], keys: keys,
          values: values)
      }
    }
    return [
      View(
        positions: positions, counts: counts, keys: entries.keys[head],
        values: entries.values[head])
    ]
  }

  /// Each earlier token's entry in its deepest slot of the same layer that is not deeper.
  private func gathered(
    _ number: Int, through position: Int, _ head: Int
  ) -> (keys: [Float], values: [Float]) {
    let size = config.headSize
    let (recurrence, layer) = number.quotientAndRemainder(dividingBy: config.coreLayerCount)
    var (keys, values): ([Float], [Float]) = ([], [])
    for earlier in 0...position {
      let depth = min(recurrence + 1, depths[earlier] ?? 0)
      guard depth > 0,
        let entries = slots[.core((depth - 1) * config.coreLayerCount + layer)],
        let index = entries.index(of: earlier)
      else { continue }
      keys += entries.keys[head][index * size..<(index + 1) * size]
      values += entries.values[head][index * size..<(index + 1) * size]
    }
    return (keys, values)
  }

  /// The bytes of keys and values, in binary32, of `tokens` tokens at `recurrences` each.
  static func byteCount(
    _ config: HuginnConfig, _ policy: CachePolicy, tokens: Int, recurrences: Int
  ) -> Int {
    let core: Int =
      switch policy {
      case .full, .latest: recurrences * config.coreLayerCount
      case .share(let slots): min(slots, recurrences * config.coreLayerCount)
      }
    let slots = config.preludeLayerCount + core + config.codaLayerCount
    return tokens * slots * 2 * config.headCount * config.headSize * MemoryLayout<Float>.size
  }
}
