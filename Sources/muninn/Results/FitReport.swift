import FileAccess
import HuginnModel
import Inference
import PackFormat
import Presentation
import Quantization
import StrictJSON

/// What packs of a model take in memory beside a cache, and which of them this machine holds.
///
/// A pack is mapped: what does not fit is read from the disk again whenever it is needed. The core is
/// needed at every recurrence, the rest once a token.
struct FitReport {
  /// A pack, whether it has been made or not.
  private struct Pack {
    let name: String
    let layout: PackLayout

    var coreBytes: Int { layout[.core].byteCount }
  }

  private let packs: [Pack]
  private let tokens: Int
  private let recurrences: Int
  /// The bytes of a cache that keeps every recurrence, and of one that shares the slots of the last 16.
  private let cache: (full: Int, shared: Int)
  private let memory = physicalMemory()

  private static let sharing = CachePolicy.share(slots: 16)
  private static let encodings: [Encoding] = [
    .f32, .bf16, .int8Row, .int8, .int4, .int4Group(size: 160),
  ]

  init(_ config: HuginnConfig, tokens: Int, recurrences: Int) {
    self.tokens = tokens
    self.recurrences = recurrences
    func bytes(_ policy: CachePolicy) -> Int {
      Session.cacheByteCount(config, policy, tokens: tokens, recurrences: recurrences)
    }
    cache = (bytes(.full), bytes(Self.sharing))
    let recipes =
      Self.encodings.map { ($0.description, Recipe(weights: $0)) }
      + Preset.allCases.map { ("--preset \($0.rawValue)", $0.recipe) }
    // Groups that do not tile the model's rows give no pack.
    packs = recipes.compactMap { name, recipe in
      (try? PackLayout(config, recipe)).map { Pack(name: name, layout: $0) }
    }
  }

  private func verdict(_ pack: Pack, _ cache: Int) -> String {
    if pack.layout.byteCount + cache <= memory { return "yes" }
    return pack.coreBytes + cache <= memory ? "core only" : "no"
  }

  var text: String {
    var table = Table([
      ("encoding", .left), ("bytes", .right), ("bits/weight", .right), ("core", .right),
      ("fits", .left), ("with --cache share:16", .left),
    ])
    for pack in packs {
      table.add([
        pack.name, Numbers.grouped(pack.layout.byteCount),
        Numbers.fixed(pack.layout.bitsPerWeight, digits: 2), Numbers.grouped(pack.coreBytes),
        verdict(pack, cache.full), verdict(pack, cache.shared),
      ])
    }
    return
      "memory: \(Numbers.bytes(memory)); cache of \(Numbers.count(tokens, "token")) at "
      + "\(Numbers.count(recurrences, "recurrence")): \(Numbers.bytes(cache.full)), with --cache "
      + "share:16 \(Numbers.bytes(cache.shared))\n" + table.text
  }

  var json: JSONValue {
    [
      "memory_bytes": .integer(memory), "tokens": .integer(tokens),
      "recurrences": .integer(recurrences), "cache_bytes": .integer(cache.full),
      "shared_cache_bytes": .integer(cache.shared),
      "packs": .array(
        packs.map { pack in
          [
            "encoding": .string(pack.name), "bytes": .integer(pack.layout.byteCount),
            "bits_per_weight": .number(pack.layout.bitsPerWeight),
            "core_bytes": .integer(pack.coreBytes),
            "fits": .string(verdict(pack, cache.full)),
            "fits_sharing": .string(verdict(pack, cache.shared)),
          ]
        }),
    ]
  }
}

extension JSONValue {
  /// This object with one more member, if there is one.
  func adding(_ value: JSONValue?, as key: String) -> JSONValue {
    guard case .object(let members) = self, let value else { return self }
    return .object(members.merging([key: value]) { $1 })
  }
}
