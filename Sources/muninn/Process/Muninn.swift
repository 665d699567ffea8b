import ArgumentParser
import FileAccess

/// The command `muninn`: subcommands, printing and exit codes over the libraries.
///
/// It has no logic: a verb checks its arguments, calls a library and prints what it gives.
struct Muninn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "muninn",
    abstract: "Convert, quantize, verify and run the weights of Huginn-0125.",
    version: Version.current,
    subcommands: [
      Inspect.self, Validate.self, Convert.self, Verify.self, Sign.self, Diff.self,
      ExportCommand.self, ArchiveCommand.self, Unarchive.self, Generate.self, Chat.self,
      Logits.self, Evaluate.self, Trace.self, ReportCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    Terminal.ignoreSignalsOfWriting()
    MappedFile.explainFaults()
    raiseOpenFileLimit()
    Interruption.install()
    do throws(Failure) {
      let arguments = try Arguments(Terminal.arguments).texts
      do {
        var command = try Muninn.parseAsRoot(arguments)
        try command.run()
      } catch let failure as Failure {
        throw failure
      } catch {
        try Failure.endWithUsage(error, of: arguments)
      }
    } catch {
      error.report()
      Terminal.exit(error.exitStatus)
    }
  }
}
