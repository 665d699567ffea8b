import CMuninnMath

/// How the next token is chosen from the logits.
public struct Sampler: Sendable {
  /// Its options.
  public struct Options: Hashable, Sendable {
    /// 0 takes the most probable token.
    public var temperature = 0.0
    /// Only this many of the most probable tokens; nil for all.
    public var topK: Int?
    /// Only the most probable tokens that together reach this probability, the one that crosses it
    /// included.
    public var topP = 1.0
    /// Only tokens of at least this share of the largest probability.
    public var minP = 0.0
    /// Divides the positive logits, and multiplies the negative ones, of tokens that occurred.
    public var repetitionPenalty = 1.0
    /// Seeds the generator.
    public var seed: UInt64 = 0

    /// Greedy decoding.
    public init() {}
  }

  private let options: Options
  private var generator: SplitMix64

  /// A sampler.
  public init(_ options: Options = Options()) {
    self.options = options
    generator = SplitMix64(seed: options.seed)
  }

  /// The most probable token, the first of equals.
  public static func greedy(_ logits: [Float]) -> Int {
    logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
  }

  /// Chooses a token: repetition penalty, temperature, softmax, top-k, top-p, min-p, one draw.
  ///
  /// - Parameters:
  ///   - logits: `[vocab]`, finite.
  ///   - history: the tokens so far.
  /// - Returns: the token.
  public mutating func next(_ logits: [Float], history: [Int]) -> Int {
    var logits = logits
    if options.repetitionPenalty != 1 {
      let penalty = Self.finite(Float(options.repetitionPenalty))
      for token in Set(history) where logits.indices.contains(token) {
        logits[token] = Self.finite(
          logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty)
      }
    }
    guard options.temperature > 0 else { return Self.greedy(logits) }
    // The largest becomes 0 first, so that no temperature makes it infinite.
    let largest = logits.max() ?? 0
    let temperature = max(Self.finite(Float(options.temperature)), .leastNormalMagnitude)
    var probabilities = logits.map { ($0 - largest) / temperature }
    softmax(&probabilities)
    // Equal probabilities keep the order of their tokens.
    var kept = probabilities.indices.sorted {
      probabilities[$0] != probabilities[$1] ? probabilities[$0] > probabilities[$1] : $0 < $1
    }
    if let topK = options.topK { kept = Array(kept.prefix(max(1, topK))) }
    if options.topP < 1 {
      var sum: Float = 0
      let count = kept.firstIndex { token in
        sum += probabilities[token]
        return sum >= Float(options.topP)
      }
      kept = Array(kept.prefix((count ?? kept.count - 1) + 1))
    }
    let limit = Float(options.minP) * probabilities[kept[0]]
    kept = kept.filter { probabilities[$0] >= limit }
    let total = kept.reduce(Float(0)) { $0 + probabilities[$1] }
    let draw = generator.nextUnit() * total
    var sum: Float = 0
    for token in kept {
      sum += probabilities[token]
      if draw < sum { return token }
    }
    // Logits that are no numbers leave none.
    return kept.last ?? Self.greedy(logits)
  }

  /// The nearest finite number: of infinities, softmax makes none.
  private static func finite(_ value: Float) -> Float {
    min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }
}

/// The generator SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers everywhere.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in 0 ..< 1 of 24 bits.
  mutating func nextUnit() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A standard normal number (Box and Muller), at most three from 0.
  mutating func nextTruncatedNormal() -> Float {
    while true {
      let (u, v) = (1 - Double(next() >> 11) * 0x1p-53, Double(next() >> 11) * 0x1p-53)
      let value = (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
      if value.magnitude <= 3 { return Float(value) }
    }
  }
}
