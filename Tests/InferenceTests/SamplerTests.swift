import Testing

@testable import Inference

struct SamplerTests {
  private func options(_ change: (inout Sampler.Options) -> Void) -> Sampler.Options {
    var options = Sampler.Options()
    options.temperature = 1
    change(&options)
    return options
  }

  /// The tokens of many draws.
  private func draws(_ options: Sampler.Options, _ logits: [Float], history: [Int] = []) -> Set<Int>
  {
    var sampler = Sampler(options)
    return Set((0..<2000).map { _ in sampler.next(logits, history: history) })
  }

  @Test func `the generator gives SplitMix64's published numbers`() {
    var generator = SplitMix64(seed: 1_234_567)
    let numbers = (0..<3).map { _ in generator.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test func `greedy takes the first of the largest`() {
    #expect(Sampler.greedy([1, 3, 3, 2]) == 1)
    #expect(Sampler.greedy([-5]) == 0)
  }

  @Test func `a seed gives the same draws, another gives others`() {
    let logits = (0..<50).map { Float($0 % 7) / 3 }
    func sequence(_ seed: UInt64) -> [Int] {
      var sampler = Sampler(options { $0.seed = seed })
      return (0..<100).map { _ in sampler.next(logits, history: []) }
    }
    #expect(sequence(1) == sequence(1))
    #expect(sequence(1) != sequence(2))
  }

  @Test func `draws follow the probabilities`() {
    var sampler = Sampler(options { _ in })
    // Probabilities ¾ and ¼.
    let draws = (0..<20_000).count { _ in sampler.next([Float(3).logarithm, 0], history: []) == 0 }
    #expect((14_500...15_500).contains(draws))
  }

  @Test func `top-k keeps the k most probable`() {
    let logits: [Float] = [1, 4, 2, 3, 3.5]
    #expect(draws(options { $0.topK = 1 }, logits) == [1])
    #expect(draws(options { $0.topK = 3 }, logits) == [1, 3, 4])
  }

  @Test func `top-p keeps the token that crosses p`() {
    // Probabilities ½, ¼, ⅛, ⅛.
    let logits = [4, 2, 1, 1].map { Float($0).logarithm }
    #expect(draws(options { $0.topP = 0.4 }, logits) == [0])
    #expect(draws(options { $0.topP = 0.6 }, logits) == [0, 1])
    #expect(draws(options { $0.topP = 0.8 }, logits) == [0, 1, 2])
  }

  @Test func `min-p keeps what has its share of the largest`() {
    let logits = [8, 4, 2, 1].map { Float($0).logarithm }
    #expect(draws(options { $0.minP = 0.4 }, logits) == [0, 1])
  }

  @Test
  func `a repetition penalty weakens tokens that occurred, whatever the sign of their logits`() {
    var sampler = Sampler(
      options {
        $0.temperature = 0
        $0.repetitionPenalty = 2
      })
    let cases: [([Float], [Int])] = [
      ([3, 2, 1], [0]), ([-1, -1.5], [0]), ([-1, -3], [0]), ([1, 0], [7, -1]),
    ]
    let tokens = cases.map { sampler.next($0.0, history: $0.1) }
    #expect(tokens == [1, 1, 0, 0])
  }

  @Test(arguments: [
    Double.leastNonzeroMagnitude, 1e-45, 1e-30, 1e39, Double.greatestFiniteMagnitude,
  ])
  func `no penalty or temperature makes a logit NaN`(extreme: Double) {
    let logits: [Float] = [3, 0, -3, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
    let all = Array(logits.indices)
    for temperature in [0, 1, extreme] {
      var sampler = Sampler(
        options {
          $0.temperature = temperature
          $0.repetitionPenalty = extreme
        })
      for _ in 0..<20 { #expect(all.contains(sampler.next(logits, history: all))) }
    }
    // Nor does one that is none already end the process.
    var sampler = Sampler(options { $0.minP = 0.5 })
    #expect((0...1).contains(sampler.next([.nan, .infinity], history: [])))
  }

  @Test func `normal numbers are cut at three deviations`() {
    var generator = SplitMix64(seed: 5)
    let values = (0..<20_000).map { _ in generator.nextTruncatedNormal() }
    #expect(values.allSatisfy { $0.magnitude <= 3 })
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 20_000
    #expect(mean.magnitude < 0.03)
    #expect((variance - 0.973).magnitude < 0.03)
  }
}

extension Float {
  /// The natural logarithm, by halving: enough for a test.
  fileprivate var logarithm: Float {
    var (sum, value) = (Float(0), self)
    while value >= 2 {
      value /= 2
      sum += 0.693_147_2
    }
    let x = (value - 1) / (value + 1)
    return sum + 2 * (x + x * x * x / 3 + x * x * x * x * x / 5 + x * x * x * x * x * x * x / 7)
  }
}
