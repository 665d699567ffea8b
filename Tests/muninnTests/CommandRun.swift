import FileAccess
import Foundation

/// One run of the built command, as a user starts it.
struct CommandRun {
  let status: Int32
  /// Whether a signal, of which the status is then the number, ended it.
  let wasKilled: Bool
  let output: String
  let errors: String

  /// The executable beside the test bundle.
  private static let executable: String = {
    let bundle = CommandLine.arguments.first ?? ""
    return Path.join(Path.parent(of: bundle), "muninn")
  }()

  init(_ arguments: String...) throws {
    try self.init(arguments)
  }

  init(_ arguments: [String]) throws { try self.init(Self.process(arguments)) }

  private init(_ process: Process) throws {
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Nothing printed here fills a pipe, so reading one after the other cannot wait forever.
    self.output = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
    wasKilled = process.terminationReason == .uncaughtSignal
  }

  /// A run of a shell's script.
  init(shell script: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    try self.init(process)
  }

  /// A run with at most so many files open, until it asks for more.
  init(openFiles limit: Int, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "ulimit -Sn \(limit); exec \"$@\"", "sh", Self.executable] + arguments
    try self.init(process)
  }

  /// A process that is not started yet.
  static func process(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    return process
  }
}
