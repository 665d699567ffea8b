import HuginnModel

/// A text in a pass: tokens that follow each other, and what the ones before them left.
struct PassText: Sendable {
  /// The keys and values of its tokens.
  var cache: KeyValueCache
  /// The positions of the tokens under way, at least one.
  let positions: Range<Int>
  /// The recurrences that they have had.
  var recurrence = 0

  /// Where a layer keeps keys and values.
  enum Place {
    case prelude(Int)
    case core(Int)
    case coda(Int)
  }

  /// The cache's slot of a layer, at the present recurrence in the core.
  func slot(_ place: Place) -> KeyValueCache.Slot {
    switch place {
    case .prelude(let layer): .prelude(layer)
    case .core(let layer): cache.coreSlot(recurrence: recurrence, layer: layer)
    case .coda(let layer): .coda(layer)
    }
  }
}
