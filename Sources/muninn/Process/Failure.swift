import ArgumentParser
import FileAccess
import HuginnModel
import Models
import StrictJSON
import Tensors

/// The exit status of the process.
enum ExitStatus: Int32 {
  case success = 0
  /// It could not be done: an I/O error, or refused input.
  case failure = 1
  /// It was checked, and failed the check.
  case wanting = 2
  case usage = 64
  case hungUp = 129
  case interrupted = 130
  case terminated = 143
}

/// An end other than success, with its message.
struct Failure: Error {
  let exitStatus: Int32
  /// A stable name for machines.
  let code: String
  /// The sentence for people; nil if the report on standard output says it already.
  let message: String?
  /// The findings behind it.
  let findings: [Diagnostic]

  init(_ status: ExitStatus, code: String, message: String?, findings: [Diagnostic] = []) {
    self.exitStatus = status.rawValue
    self.code = code
    self.message = message
    self.findings = findings
  }

  /// Standard output did not take what was written.
  static func lostOutput(_ code: Int32) -> Failure {
    Failure(
      .failure, code: "file",
      message: "cannot write to standard output: \(systemMessage(code))")
  }

  /// A failed check; the report says why.
  static let wanting = Failure(.wanting, code: "wanting", message: nil)

  /// The failure for a library's error, which is what lies beneath it.
  init(_ error: any Error) {
    switch (error as? any LayeredError)?.root ?? error {
    case let failure as Failure:
      self = failure
    case is CancellationError:
      self = Interruption.failure
    case is FileError:
      self.init(.failure, code: "file", message: Remedies.sentence(for: error))
    case ModelError.refused(_, let found):
      let errors = found.filter { $0.severity == .error }
      self.init(.failure, code: "refused", message: Remedies.sentence(for: error), findings: errors)
    default:
      self.init(.failure, code: "refused", message: Remedies.sentence(for: error))
    }
  }

  /// Prints the message to standard error, as JSON if JSON was requested.
  func report() {
    guard let message else { return }
    if CommandLine.arguments.contains("--json") {
      var members: [String: JSONValue] = [
        "code": .string(code), "message": .string(message),
        "exit_code": .integer(Int(exitStatus)),
      ]
      if !findings.isEmpty { members["diagnostics"] = .array(findings.map(\.json)) }
      let json: JSONValue = ["error": .object(members)]
      Terminal.write(String(decoding: json.canonicalBytes, as: UTF8.self) + "\n", to: .error)
    } else {
      for finding in findings { Terminal.write(finding.text(on: .error), to: .error) }
      Terminal.write("muninn: \(message)\n", to: .error)
    }
  }

  /// Ends with the output of the argument parser: help, the version, or a usage error.
  ///
  /// - Throws: ``Failure`` for what is not a usage error's own text: lost output, or the error as JSON.
  static func endWithUsage(_ error: any Error, of arguments: [String]) throws(Failure) -> Never {
    let status = Muninn.exitCode(for: error)
    if status == .success {
      let text = Muninn.fullMessage(for: error) + "\n"
      if case .failed(let code) = Terminal.write(text, to: .output) { throw lostOutput(code) }
      Terminal.exit(ExitStatus.success.rawValue)
    }
    let printable = parsingError(ofPrintable: arguments)
    guard let printable, !CommandLine.arguments.contains("--json") else {
      let message =
        printable.map { Muninn.message(for: $0) } ?? Muninn.message(for: error).printable
      throw Failure(.usage, code: "usage", message: message)
    }
    Terminal.write(Muninn.fullMessage(for: printable) + "\n", to: .error)
    Terminal.exit(status.rawValue)
  }

  /// The parser's error where control characters in the arguments are escaped.
  ///
  /// Its messages repeat arguments as they are, between line feeds of its own; of these here, no
  /// character drives the terminal. Nil where an escape makes the arguments right.
  private static func parsingError(ofPrintable arguments: [String]) -> (any Error)? {
    do {
      _ = try Muninn.parseAsRoot(arguments.map(\.printable))
      return nil
    } catch {
      return error
    }
  }
}

/// Runs library code and turns what it throws into a ``Failure``.
func failing<Value: ~Copyable>(_ body: () throws -> Value) throws(Failure) -> Value {
  do {
    return try body()
  } catch {
    throw Failure(error)
  }
}
