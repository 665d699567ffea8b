import ArgumentParser
import FileAccess
import HuginnModel
import PackFormat
import Quantization
import Tensors

/// Which encoding each matrix gets.
struct RecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Start from encodings that go well together: small, balanced or faithful.", valueName: "name")
  )
  var preset: String?

  @Option(help: ArgumentHelp("Encoding of all matrices (default: int8).", valueName: "enc"))
  var weights: String?

  @Option(
    help: ArgumentHelp("Encoding of the token embedding, which is also the head.", valueName: "enc")
  )
  var embedding: String?

  @Option(help: ArgumentHelp("Encoding of the prelude's matrices.", valueName: "enc"))
  var prelude: String?

  @Option(
    help: ArgumentHelp("Encoding of the adapter and of the core's matrices.", valueName: "enc"))
  var core: String?

  @Option(help: ArgumentHelp("Encoding of the coda's matrices.", valueName: "enc"))
  var coda: String?

  @Option(
    help: ArgumentHelp(
      "Encoding of matrices whose full name matches. Repeatable; the last match applies.",
      valueName: "glob=enc"))
  var tensor: [String] = []

  @Option(
    help: ArgumentHelp(
      "Read encodings from JSON in the form of a manifest's recipe.", valueName: "file"))
  var recipe: String?

  func validate() throws {
    guard let preset else { return }
    if Preset(rawValue: preset) == nil {
      let names = Preset.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--preset must be one of \(names), not \(preset).")
    }
    if recipe != nil { throw ValidationError("Give either --preset or --recipe, not both.") }
  }

  /// The recipe that preset or file and flags say.
  func resolved() throws(Failure) -> Recipe {
    var stages: [Stage: Encoding] = [:]
    let flags: [(Stage, String?)] = [
      (.embedding, embedding), (.prelude, prelude), (.core, core), (.coda, coda),
    ]
    for case (let stage, let name?) in flags {
      stages[stage] = try usage { try Encoding(name) }
    }
    let weights = try weights.map { name throws(Failure) in
      try usage { try Encoding(name) }
    }
    let overrides = try tensor.map { text throws(Failure) in
      try usage { try Recipe.Override(argument: text) }
    }
    return try base().overridden(weights: weights, stages: stages, overrides: overrides)
  }

  private func base() throws(Failure) -> Recipe {
    if let preset = preset.flatMap({ Preset(rawValue: $0) }) { return preset.recipe }
    guard let path = recipe else { return Recipe() }
    let bytes = try failing {
      try InputFile.contents(of: path, limit: Recipe.byteLimit)
    }
    do throws(RecipeError) {
      return try Recipe(parsing: bytes)
    } catch {
      throw Failure(.failure, code: "refused", message: "\(path.quoted): \(error)")
    }
  }

  /// A mistake in a flag is a usage error.
  private func usage<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do {
      return try body()
    } catch {
      throw Failure(.usage, code: "usage", message: "\(error)")
    }
  }
}
