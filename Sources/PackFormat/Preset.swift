import HuginnModel
import Quantization

/// Encodings for those who do not want to choose, from the least memory to the least damage.
///
/// A preset is its recipe: a pack does not know by what name it was asked for.
public enum Preset: String, CaseIterable, Sendable {
  /// 4 bits, but for the embedding, which is the head as well: it is a tenth of the weights and half of
  /// the damage.
  case small
  /// 8 bits at both ends, where damage is not worked off by further recurrences; 4 bits between.
  case balanced
  /// 8 bits, and 16 for the embedding.
  case faithful

  /// What it stands for.
  public var recipe: Recipe {
    switch self {
    case .small: Recipe(weights: .int4, stages: [.embedding: .int8])
    case .balanced: Recipe(weights: .int4, stages: [.embedding: .int8, .coda: .int8])
    case .faithful: Recipe(weights: .int8, stages: [.embedding: .f16])
    }
  }
}
