import ArgumentParser
import Evaluation
import HuginnModel
import Inference

/// The inputs of an evaluation.
struct EvaluationInput: ParsableArguments {
  @Option(
    help: ArgumentHelp("A text file, which the model's tokenizer encodes.", valueName: "file"))
  var text: String?

  @Option(
    help: ArgumentHelp("A file of token ids, separated by spaces or commas.", valueName: "file"))
  var tokens: String?

  @Option(
    help: ArgumentHelp(
      "A JSON file of questions: a list of {prompt, answer}, or an object with it as 'questions'.",
      valueName: "file"))
  var questions: String?

  @Option(
    help: ArgumentHelp(
      "Cut the text into windows of N tokens, each run alone (default: 256).", valueName: "n"))
  var window: Int?

  var hasText: Bool { text != nil || tokens != nil }

  func validate() throws {
    if text != nil && tokens != nil {
      throw ValidationError("Give either --text or --tokens, not both.")
    }
    if !hasText && questions == nil {
      throw ValidationError("Give --text, --tokens or --questions.")
    }
    if let window, window < 2 { throw ValidationError("--window must be at least 2.") }
  }

  /// Reads the files.
  ///
  /// - Throws: ``Failure``.
  func read(_ model: LanguageModel) throws(Failure) -> EvaluationMaterial {
    let limit = model.model.config.contextLength
    if let window, window > limit {
      throw Failure(
        .usage, code: "usage",
        message: "--window \(window) exceeds the model's context of \(limit) tokens")
    }
    var material = EvaluationMaterial(for: model, window: window)
    do throws(EvaluationInputError) {
      if let text { try material.readText(text) }
      if let tokens { try material.readTokens(tokens) }
      if let questions { try material.readQuestions(questions) }
    } catch {
      throw Failure(error)
    }
    return material
  }
}
