public import HuginnModel
public import Quantization
import Tensors

/// Which encoding each matrix gets: normalised, so that recipes that say the same are equal.
public struct Recipe: Equatable, Sendable {
  /// An encoding for the tensors that a pattern matches.
  public struct Override: Equatable, Sendable {
    /// Matched against full tensor names.
    public let pattern: GlobPattern
    /// What matching matrices get.
    public let encoding: Encoding

    /// An override.
    public init(pattern: GlobPattern, encoding: Encoding) {
      self.pattern = pattern
      self.encoding = encoding
    }
  }

  /// The encoding where nothing else applies.
  public let weights: Encoding
  /// The stages that differ from ``weights``.
  public let stages: [Stage: Encoding]
  /// The overrides; the last that matches applies.
  public let overrides: [Override]

  /// A recipe; stages that say what `weights` says are dropped.
  public init(
    weights: Encoding = .int8, stages: [Stage: Encoding] = [:], overrides: [Override] = []
  ) {
    self.weights = weights
    self.stages = stages.filter { $0.value != weights }
    self.overrides = overrides
  }

  /// The encoding of a tensor: F32 for vectors; for matrices the last matching override, then the
  /// stage, then ``weights``.
  public func encoding(of tensor: ModelTensor) -> Encoding {
    if tensor.kind == .vector { return .f32 }
    return overrides.last { $0.pattern.matches(tensor.name) }?.encoding
      ?? stages[tensor.stage] ?? weights
  }

  /// The most overrides of a recipe: matching takes time for each, and each tensor.
  public static let overrideLimit = 256
  /// The longest pattern, in bytes.
  public static let patternByteLimit = 256

  /// Checks that every pattern matches a matrix of the model.
  ///
  /// - Throws: ``RecipeError/patternMatchesNoMatrix(_:)``,
  ///   ``RecipeError/tooLarge(overrides:longestPattern:)``.
  public func checkPatterns(against config: HuginnConfig) throws(RecipeError) {
    let longest = overrides.map(\.pattern.description.utf8.count).max() ?? 0
    guard overrides.count <= Self.overrideLimit, longest <= Self.patternByteLimit else {
      throw .tooLarge(overrides: overrides.count, longestPattern: longest)
    }
    let matrices = config.tensors.filter { $0.kind == .matrix }
    for override in overrides
    where !matrices.contains(where: { override.pattern.matches($0.name) }) {
      throw .patternMatchesNoMatrix(override.pattern.description)
    }
  }
}
