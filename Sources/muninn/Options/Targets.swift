import ArgumentParser
import FileAccess
import Models
import PackFormat

/// Checks the path that a command is to write, as far as it says by itself.
///
/// - Throws: `ValidationError` for an empty one, which an unset variable of a shell gives.
func validateTarget(_ path: String) throws {
  if path.isEmpty { throw ValidationError("The path to write is empty.") }
}

/// Checks that writing a path spares what is read.
///
/// - Parameters:
///   - path: what is written.
///   - models: what was opened.
///   - files: what else is read, where it was given.
/// - Throws: ``Failure``.
func checkTarget(
  _ path: String, sparing models: [StoredModel], _ files: [String?] = []
) throws(Failure) {
  try failing {
    for model in models { try model.inputs().check(path) }
    try InputGuard(files.compactMap(\.self)).check(path)
  }
}

/// What a written pack may replace.
struct ReplacementOptions: ParsableArguments {
  @Flag(help: "Replace an existing pack.")
  var force = false

  @Flag(help: "With --force, also remove the README.md and model.sig of the old pack.")
  var dropCompanions = false

  func validate() throws {
    if dropCompanions && !force { throw ValidationError("--drop-companions needs --force.") }
  }

  /// What they say.
  var replacement: PackReplacement {
    if !force { return .nothing }
    return dropCompanions ? .packAndCompanions : .pack
  }
}
