import ArgumentParser
import Evaluation
import Inference

/// The prompt, as text or as token ids.
struct PromptOptions: ParsableArguments {
  // A text may begin with a dash.
  @Option(parsing: .unconditional, help: "The prompt.")
  var prompt: String?

  @Option(help: ArgumentHelp("The prompt as token ids, separated by commas.", valueName: "ids"))
  var tokens: String?

  func validate() throws {
    if (prompt == nil) == (tokens == nil) {
      throw ValidationError("Give either --prompt or --tokens.")
    }
  }

  /// Its token ids.
  func ids(_ model: LanguageModel) throws(Failure) -> [Int] {
    let ids =
      if let prompt {
        try failing { try model.vocabulary.encode(prompt) }
      } else {
        try TokenList(tokens ?? "").ids
      }
    let source = prompt == nil ? "--tokens" : "--prompt"
    try failing { try model.model.check(ids, from: source) }
    return ids
  }
}
