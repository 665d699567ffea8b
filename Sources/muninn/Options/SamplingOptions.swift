import ArgumentParser
import Inference

/// How the next token is chosen.
struct SamplingOptions: ParsableArguments {
  @Option(help: "Sampling temperature; 0 always takes the most probable token.")
  var temperature = 0.0

  @Option(help: ArgumentHelp("Sample from the K most probable tokens.", valueName: "k"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Sample from the most probable tokens that together reach P.", valueName: "p"))
  var topP = 1.0

  @Option(
    help: ArgumentHelp(
      "Sample from tokens at least P times as probable as the top one.", valueName: "p"))
  var minP = 0.0

  @Option(help: ArgumentHelp("Penalty for tokens that have occurred; 1 is none.", valueName: "x"))
  var repetitionPenalty = 1.0

  func validate() throws {
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be a finite number, 0 or greater.")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1.") }
    if !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be above 0 and at most 1.") }
    if !(minP >= 0 && minP <= 1) { throw ValidationError("--min-p must be between 0 and 1.") }
    if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
      throw ValidationError("--repetition-penalty must be a finite number above 0.")
    }
  }

  func options(seed: UInt64) -> Sampler.Options {
    var options = Sampler.Options()
    options.seed = seed
    options.temperature = temperature
    options.topK = topK
    options.topP = topP
    options.minP = minP
    options.repetitionPenalty = repetitionPenalty
    return options
  }
}
