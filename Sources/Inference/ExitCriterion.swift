import CMuninnMath

/// When a token has recurred enough.
public struct ExitCriterion: Hashable, Sendable, CustomStringConvertible {
  /// What is compared with the threshold after each recurrence.
  public enum Kind: String, CaseIterable, Sendable {
    /// Nothing: every token takes all steps.
    case none
    /// The absolute change of the output's entropy.
    case entropyDifference = "entropy-diff"
    /// ‖xₖ − xₖ₋₁‖ / ‖xₖ‖ of the latent state.
    case latentDifference = "latent-diff"
    /// KL(previous ‖ current) of the output.
    case kl
    /// 1 − cosine of successive latent states.
    case cosine
    /// The same KL of outputs without their improbable tokens.
    case minPKL = "minp-kl"
    /// For how many recurrences the top token has stayed.
    case argmaxStability = "argmax-stability"

    /// The reference's default threshold.
    public var defaultThreshold: Double {
      switch self {
      case .none: 0
      case .entropyDifference, .kl, .cosine: 1e-3
      case .latentDifference: 0.03
      case .minPKL: 1e-5
      case .argmaxStability: 5
      }
    }

    /// Whether it looks at the output, which must then be decoded at each recurrence.
    var needsLogits: Bool {
      switch self {
      case .entropyDifference, .kl, .minPKL, .argmaxStability: true
      case .none, .latentDifference, .cosine: false
      }
    }
  }

  /// What is compared.
  public let kind: Kind
  /// With what.
  public let threshold: Double

  /// A criterion, with the reference's threshold unless another is given.
  public init(_ kind: Kind, threshold: Double? = nil) {
    self.kind = kind
    self.threshold = threshold ?? kind.defaultThreshold
  }

  /// A criterion from its name on the command line, `kl` or `kl:0.01`; nil for another text.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, let kind = Kind(rawValue: String(name)) else { return nil }
    guard parts.count > 1 else {
      self.init(kind)
      return
    }
    guard let threshold = Double(parts[1]), threshold > 0, threshold.isFinite, kind != .none else {
      return nil
    }
    self.init(kind, threshold: threshold)
  }

  /// The name on the command line.
  public var description: String { kind == .none ? "none" : "\(kind.rawValue):\(threshold)" }
}

/// One token's progress towards its exit.
struct ExitProgress {
  private let criterion: ExitCriterion
  private var previousState: [Float]
  private var previousDistribution: [Float]
  private var previousEntropy: Float = 100
  private var previousToken: Int?
  private var stability = 0
  /// What was compared last.
  private(set) var value = Float.nan

  /// A token before its first recurrence.
  init(_ criterion: ExitCriterion, state: [Float], vocabulary: Int) {
    self.criterion = criterion
    previousState = state
    previousDistribution = Array(repeating: 1 / Float(vocabulary), count: vocabulary)
  }

  /// Looks at a token after a recurrence.
  ///
  /// - Parameters:
  ///   - state: the latent state after it, before `ln_f`.
  ///   - logits: of that state, where the criterion looks at them.
  /// - Returns: whether it exits.
  mutating func exits(_ state: [Float], _ logits: [Float]) -> Bool {
    let threshold = Float(criterion.threshold)
    switch criterion.kind {
    case .none:
      return false
    case .latentDifference:
      var (difference, norm): (Double, Double) = (0, 0)
      for (new, old) in zip(state, previousState) {
        difference += Double(new - old) * Double(new - old)
        norm += Double(new) * Double(new)
      }
      value = Float(difference.squareRoot()) / Float(norm.squareRoot())
    case .cosine:
      var (product, norm, previousNorm): (Double, Double, Double) = (0, 0, 0)
      for (new, old) in zip(state, previousState) {
        product += Double(new) * Double(old)
        norm += Double(new) * Double(new)
        previousNorm += Double(old) * Double(old)
      }
      // From a zero state the first is 0 / 0, which exits nothing.
      value = 1 - Float(product / (norm * previousNorm).squareRoot())
    case .entropyDifference:
      var distribution = logits
      softmax(&distribution)
      let entropy = Float(-distribution.reduce(0.0) { $0 + Double($1 * logf($1 + 1e-10)) })
      value = (entropy - previousEntropy).magnitude
      previousEntropy = entropy
    case .kl:
      var distribution = logits
      softmax(&distribution)
      value = Self.divergence(previousDistribution, distribution)
      previousDistribution = distribution
    case .minPKL:
      let distribution = Self.withoutImprobable(logits)
      value = Self.divergence(previousDistribution, distribution)
      previousDistribution = distribution
    case .argmaxStability:
      let token = Sampler.greedy(logits)
      stability = token == previousToken ? stability + 1 : 0
      previousToken = token
      value = Float(stability)
      return value >= threshold
    }
    previousState = state
    return value < threshold
  }

  /// KL(p ‖ q) in nats; terms without probability add nothing.
  private static func divergence(_ p: [Float], _ q: [Float]) -> Float {
    var sum = 0.0
    for (p, q) in zip(p, q) where p > 0 { sum += Double(p * (logf(p) - logf(q))) }
    return Float(sum)
  }

  /// The output in which every p below 0.1 · max p is 1/V, renormalised.
  private static func withoutImprobable(_ logits: [Float]) -> [Float] {
    var distribution = logits
    softmax(&distribution)
    let limit = 0.1 * (distribution.max() ?? 0)
    let uniform = 1 / Float(distribution.count)
    for index in distribution.indices where distribution[index] < limit {
      distribution[index] = uniform
    }
    let sum = Float(distribution.reduce(0.0) { $0 + Double($1) })
    return distribution.map { $0 / sum }
  }
}
