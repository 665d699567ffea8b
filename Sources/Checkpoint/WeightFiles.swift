import Safetensors

/// What a file's name says of the weights in it, in the spelling of transformers: `model` or another
/// stem, a variant after a dot, the number of a shard.
package struct WeightName: Equatable {
  /// What the file is.
  enum Kind: Equatable {
    /// All weights: `model.safetensors`, `model.fp16.safetensors`.
    case whole
    /// An index: `model.safetensors.index.json`, `model.safetensors.index.fp16.json`.
    case index
    /// One of several: `model-00001-of-00004.safetensors`, `model.fp16-00001-of-00004.safetensors`.
    case shard(number: Int, count: Int)
  }

  let kind: Kind
  /// The part before the number of a shard; `model` or `model.VARIANT` of the others.
  let stem: String
  /// The variant that the writer gave this save; nil for a plain one.
  package let variant: String?

  /// Reads a name; nil if it is not spelled that way.
  package init?(_ name: String) {
    if let match = name.wholeMatch(of: #/model\.safetensors\.index(?:\.([\w-]+))?\.json/#) {
      kind = .index
      variant = match.1.map { String($0) }
      stem = (["model"] + [variant].compactMap(\.self)).joined(separator: ".")
      return
    }
    if let match = name.wholeMatch(
      of: #/(.+)-([0-9]{5,9})-of-([0-9]{5,9})(\.[\w-]+)?\.safetensors/#),
      let number = Int(match.2), let count = Int(match.3), (1...max(1, count)).contains(number)
    {
      kind = .shard(number: number, count: count)
      let suffix = match.4.map { String($0.dropFirst()) }
      let parts = match.1.split(separator: ".", maxSplits: 1)
      variant = suffix ?? (parts.count > 1 ? String(parts[1]) : nil)
      stem = String(match.1)
      return
    }
    guard let match = name.wholeMatch(of: #/model(?:\.([\w-]+))?\.safetensors/#) else { return nil }
    kind = .whole
    variant = match.1.map { String($0) }
    stem = String(name.dropLast(".safetensors".count))
  }
}

/// The weights of a directory, told apart by variant, and by what loaders would read of each.
struct WeightFiles {
  /// One save: what of it is there.
  struct Save {
    var whole: String?
    var index: String?
    /// The shards by what precedes their number and by how many they say they are.
    var shards: [Group: [String]] = [:]
  }

  /// Shards of one save.
  struct Group: Hashable {
    let stem: String
    let count: Int
  }

  /// The saves, by variant.
  private(set) var saves: [String?: Save] = [:]

  init(_ names: [String]) {
    for name in names {
      guard let parsed = WeightName(name) else { continue }
      switch parsed.kind {
      case .whole: saves[parsed.variant, default: Save()].whole = name
      case .index: saves[parsed.variant, default: Save()].index = name
      case .shard(_, let count):
        let group = Group(stem: parsed.stem, count: count)
        saves[parsed.variant, default: Save()].shards[group, default: []].append(name)
      }
    }
  }

  /// The variants that have weights, sorted.
  var variants: [String] { saves.keys.compactMap(\.self).sorted() }
}

extension WeightFiles.Save {
  /// The most shards that count themselves: a name can say any number.
  private static let shardLimit = 10_000

  /// What is read of it: a whole file before an index, as transformers has it, then shards that
  /// count themselves.
  var weights: CheckpointLocation.Weights {
    if let whole { return .single(name: whole) }
    if let index { return .sharded(index: index) }
    guard shards.count == 1, let (group, present) = shards.first,
      group.count <= Self.shardLimit
    else { return .none }
    // Names that are not there are shards that are missing.
    guard let sample = present.first else { return .none }
    return .counted(
      shards: (1...group.count).map { number in Self.name(like: sample, group, number) })
  }

  /// The name of another shard of the same save.
  private static func name(like sample: String, _ group: WeightFiles.Group, _ number: Int) -> String
  {
    let digits = sample.dropFirst(group.stem.count + 1).prefix { $0.isNumber }
    let text = String(number)
    let padded = String(repeating: "0", count: max(0, digits.count - text.count)) + text
    return "\(group.stem)-\(padded)" + sample.dropFirst(group.stem.count + 1 + digits.count)
  }
}
