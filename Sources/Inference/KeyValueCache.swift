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
      // Nearly always all of them.
      if let last = positions.last, last <= position { return positions.count }
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

  /// Puts the keys and values of one token into a slot, in place of what it had there.
  ///
  /// - Parameters:
  ///   - key: `[n_heads · head_dim]`.
  ///   - value: the same.
  ///   - position: the token's.
  ///   - slot: where.
  mutating func store(
    _ key: ArraySlice<Float>, _ value: ArraySlice<Float>, at position: Int, in slot: Slot
  ) {
    let size = config.headSize
    var entries = slots.removeValue(forKey: slot) ?? Entries(heads: config.headCount)
    if let index = entries.index(of: position) {
      for head in 0..<config.headCount {
        let source = key.startIndex + head * size
        let valueSource = value.startIndex + head * size
        entries.keys[head].replaceSubrange(
          index * size..<(index + 1) * size, with: key[source..<source + size])
        entries.values[head].replaceSubrange(
          index * size..<(index + 1) * size, with: value[valueSource..<valueSource + size])
      }
    } else {
      precondition(entries.positions.last ?? -1 < position, "tokens come in order")
      entries.positions.append(position)
      for head in 0..<config.headCount {
        let source = key.startIndex + head * size
        let valueSource = value.startIndex + head * size
        entries.keys[head] += key[source..<source + size]
        entries.values[head] += value[valueSource..<valueSource + size]
      }
    }
    slots[slot] = entries
    if case .core(let number) = slot {
      depths[position] = max(depths[position] ?? 0, number / config.coreLayerCount + 1)
    }
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

  /// What a token attends to, itself included: the keys and values of one head.
  ///
  /// - Parameters:
  ///   - slot: which has the token's own key already.
  ///   - position: the token's.
  ///   - head: which head.
  ///   - body: given the first `count` entries of keys and values, `[count, head_dim]` each.
  /// - Returns: what `body` does.
  func attended<Value>(
    in slot: Slot, from position: Int, head: Int,
    _ body: (_ keys: [Float], _ values: [Float], _ count: Int) -> Value
  ) -> Value {
    guard let entries = slots[slot] else { return body([], [], 0) }
    let count = entries.count(through: position)
    if case .core(let number) = slot, policy == .latest, count <= position {
      let (keys, values) = gathered(number, through: position, head)
      return body(keys, values, keys.count / config.headSize)
    }
    return body(entries.keys[head], entries.values[head], count)
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
