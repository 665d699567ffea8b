import ArgumentParser

/// The text that a model is given: as itself, or as token ids.
struct PromptOptions: ParsableArguments {
  @Option(help: "The text that the model is given.")
  var prompt: String?

  @Option(help: ArgumentHelp("Token ids instead, separated by commas.", valueName: "ids"))
  var tokens: String?

  func validate() throws {
    if (prompt == nil) == (tokens == nil) {
      throw ValidationError("Give one of --prompt and --tokens.")
    }
  }

  /// Its token ids.
  func ids(_ model: LoadedModel) throws(Failure) -> [Int] {
    if let prompt { return try model.encode(prompt) }
    return try TokenList(tokens ?? "").ids
  }
}
