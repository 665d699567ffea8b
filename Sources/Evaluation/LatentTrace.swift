public import Inference

/// The latent state of every token at every recurrence, in the directions of their motion.
///
/// Principal components are computed over the run, all tokens and models together, after each
/// token's states are centred on the mean of the first model's: so they show how states move, not
/// how tokens differ, and how far the second model's lie from the first's. The initial state is
/// left out of them: it lies far from what the core gives.
public struct LatentTrace: Equatable, Sendable {
  /// One token in one model.
  public struct Path: Equatable, Sendable {
    /// How it moves.
    public let motion: Motion
    /// Its coordinates after each recurrence from 1, `[recurrences][components]`.
    public let points: [[Double]]
  }

  /// One token.
  public struct Token: Equatable, Sendable {
    /// Its id.
    public let token: Int
    /// What it writes.
    public let text: String
    /// In each model.
    public let paths: [Path]
  }

  /// What the models are called.
  public let models: [String]
  /// The recurrences.
  public let recurrences: Int
  /// The share of the variance of motion along each component.
  public let explained: [Double]
  /// The tokens of the prompt.
  public let tokens: [Token]

  /// The most components that are kept: the paper draws three pairs.
  public static let componentLimit = 6

  init(models: [String], recurrences: Int, explained: [Double], tokens: [Token]) {
    self.models = models
    self.recurrences = recurrences
    self.explained = explained
    self.tokens = tokens
  }

  /// Runs a prompt through models.
  ///
  /// - Parameters:
  ///   - tokens: the prompt, with what each token writes.
  ///   - models: one or two of the same layout, by name.
  ///   - recurrences: at least ``Motion/minimumRecurrences``.
  /// - Throws: ``InferenceError``.
  public init(
    _ tokens: [(id: Int, text: String)], _ models: [(name: String, model: Model)],
    recurrences: Int
  ) throws(InferenceError) {
    var trajectories: [[[[Float]]]] = []
    for (_, model) in models {
      trajectories.append(try Self.states(tokens.map(\.id), model, recurrences))
    }
    let means = trajectories[0].map { Self.mean(of: $0.dropFirst()) }
    let centred = trajectories.map { model in
      zip(model, means).map { states, mean in
        states.dropFirst().map { state in zip(state, mean).map { $0 - $1 } }
      }
    }
    let components = PrincipalComponents(
      centred.flatMap { $0.flatMap(\.self) }, count: Self.componentLimit)
    self.init(
      models: models.map(\.name), recurrences: recurrences, explained: components.explained,
      tokens: tokens.enumerated().map { index, token in
        Token(
          token: token.id, text: token.text,
          paths: models.indices.map { model in
            Path(
              motion: Motion(trajectories[model][index]),
              points: centred[model][index].map { components.project($0) })
          })
      })
  }

  /// For each token its states, the initial one first.
  private static func states(
    _ tokens: [Int], _ model: Model, _ recurrences: Int
  ) throws(InferenceError) -> [[[Float]]] {
    var rollout = try Rollout(model, [tokens])
    var result: [[[Float]]] = tokens.map { _ in [] }
    for recurrence in 0...recurrences {
      if recurrence > 0 { rollout.recur() }
      let width = rollout.states.count / tokens.count
      for token in tokens.indices {
        result[token].append(Array(rollout.states[token * width..<(token + 1) * width]))
      }
    }
    return result
  }

  private static func mean(of states: ArraySlice<[Float]>) -> [Float] {
    guard let first = states.first else { return [] }
    return first.indices.map { index in
      Float(states.reduce(0.0) { $0 + Double($1[index]) } / Double(states.count))
    }
  }
}
