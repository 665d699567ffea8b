import ArgumentParser
import HuginnModel

/// Whether to tell which packs fit this machine's memory.
struct FitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also show what a pack of each encoding and preset takes, and whether it fits this machine's "
        + "memory with a cache of N tokens.", valueName: "n"))
  var fit: Int?

  @Option(
    help: ArgumentHelp(
      "With --fit, recurrences of every token (default: the model's mean).", valueName: "r"))
  var fitSteps: Int?

  /// Far beyond any context, and no size overflows.
  private static let tokenLimit = 1 << 20

  func validate() throws {
    if let fit, !(1...Self.tokenLimit).contains(fit) {
      throw ValidationError("--fit must be between 1 and \(Self.tokenLimit).")
    }
    guard let fitSteps else { return }
    if fit == nil { throw ValidationError("--fit-steps needs --fit.") }
    if !(1...DepthOptions.stepLimit).contains(fitSteps) {
      throw ValidationError("--fit-steps must be between 1 and \(DepthOptions.stepLimit).")
    }
  }

  /// What there is to tell of a model; nil if nobody asks.
  func report(_ config: HuginnConfig) throws(Failure) -> FitReport? {
    guard let fit else { return nil }
    return FitReport(
      config, tokens: fit, recurrences: try DepthOptions.recurrences(fitSteps, config))
  }
}
