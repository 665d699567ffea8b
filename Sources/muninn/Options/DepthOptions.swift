import ArgumentParser
import Evaluation
import HuginnModel
import Inference

/// How many recurrences a token takes, and from where.
struct DepthOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Recurrences of every token (default: the model's mean).", valueName: "r"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Let each token exit by a criterion: entropy-diff, latent-diff, kl, cosine, minp-kl, "
        + "argmax-stability or none; a threshold may follow after a colon.",
      valueName: "criterion"))
  var exit: String?

  @Option(help: ArgumentHelp("With --exit, run at least R recurrences.", valueName: "r"))
  var minSteps = 1

  @Option(
    help: ArgumentHelp(
      "With --exit, run at most R recurrences (default: the model's mean).", valueName: "r")
  )
  var maxSteps: Int?

  @Option(help: ArgumentHelp("The initial latent state: zero or random.", valueName: "state"))
  var state = "zero"

  @Flag(help: "Start each token from the latent state of the previous one.")
  var continuous = false

  @Option(
    help: ArgumentHelp(
      "How keys and values are kept: full, latest-m4 or share:N.", valueName: "policy"))
  var cache = "full"

  @Option(
    help: ArgumentHelp(
      "Seed of the generator, SplitMix64, for random states and for sampling.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    if let exit, ExitCriterion(exit) == nil {
      throw ValidationError("--exit must be a criterion such as kl or kl:0.001, not \(exit).")
    }
    if exit != nil && steps != nil {
      throw ValidationError("Give either --steps or --exit, not both.")
    }
    if let steps, !(0...Self.stepLimit).contains(steps) {
      throw ValidationError("--steps must be between 0 and \(Self.stepLimit).")
    }
    if exit == nil && (minSteps != 1 || maxSteps != nil) {
      throw ValidationError("--min-steps and --max-steps need --exit.")
    }
    let most = maxSteps ?? Self.stepLimit
    if minSteps < 1 || minSteps > most || most > Self.stepLimit {
      throw ValidationError(
        "--min-steps and --max-steps must be between 1 and \(Self.stepLimit), and the first not above "
          + "the second.")
    }
    if CachePolicy(cache) == nil {
      throw ValidationError("--cache must be full, latest-m4 or share:N, not \(cache).")
    }
    if state != "zero" && state != "random" {
      throw ValidationError("--state must be zero or random, not \(state).")
    }
    if continuous && state != "zero" {
      throw ValidationError(
        "--continuous starts the first token from zeros, so --state must be zero.")
    }
  }

  /// Larger numbers are refused as mistakes.
  static let stepLimit = EvaluationPlan.stepLimit

  var cachePolicy: CachePolicy { CachePolicy(cache) ?? .full }

  /// The depth that the flags and the model's mean give.
  ///
  /// - Throws: ``Failure`` if the model's own mean is above the limit.
  func depth(_ config: HuginnConfig) throws(Failure) -> Session.Depth {
    guard let criterion = exit.flatMap({ ExitCriterion($0) }) else {
      return Session.Depth(try Self.recurrences(steps, config))
    }
    let most = max(minSteps, try Self.recurrences(maxSteps, config))
    var depth = Session.Depth(most, until: criterion)
    depth.minimum = minSteps
    return depth
  }

  /// A number of recurrences, or without one the model's mean.
  ///
  /// - Throws: ``Failure`` if the mean is above the limit.
  static func recurrences(_ number: Int?, _ config: HuginnConfig) throws(Failure) -> Int {
    if let number { return number }
    guard config.meanRecurrence <= stepLimit else {
      throw Failure(
        .failure, code: "refused",
        message: "mean_recurrence in the config is \(config.meanRecurrence), above the "
          + "limit of \(stepLimit); give the number of recurrences")
    }
    return config.meanRecurrence
  }

  func session(_ model: Model) -> Session {
    Session(
      model, cache: cachePolicy,
      initialState: continuous ? .continuous : state == "random" ? .random(seed: seed) : .zero)
  }
}

extension CachePolicy {
  /// Whether recurrences share slots.
  var isShared: Bool {
    if case .share = self { true } else { false }
  }
}
