import Archive
import ArgumentParser
import Checkpoint
import Conversion
import Export
import FileAccess
import PackFormat
import Signing
import StrictJSON

/// What a process tells its caller besides what it prints.
enum ExitStatus: Int32 {
  case success = 0
  /// It could not be done: I/O, or input that was refused.
  case failure = 1
  /// It was checked and found wanting.
  case wanting = 2
  case usage = 64
  case interrupted = 130
  case terminated = 143
}

/// An end other than success, with what is said of it.
struct Failure: Error {
  let exitStatus: Int32
  /// A stable name for machines.
  let code: String
  /// The sentence for people; nil where the report on standard output has said it.
  let message: String?

  init(_ status: ExitStatus, code: String, message: String?) {
    self.exitStatus = status.rawValue
    self.code = code
    self.message = message
  }

  /// Standard output did not take what was written.
  static func lostOutput(_ code: Int32) -> Failure {
    Failure(
      .failure, code: "file",
      message: "cannot write to standard output: \(systemMessage(code))")
  }

  /// Checked and found wanting; the report says what.
  static let wanting = Failure(.wanting, code: "wanting", message: nil)

  /// The failure for a library's error.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure:
      self = failure
    case ConversionError.cancelled, VerificationError.cancelled, SigningError.cancelled,
      ExportError.cancelled, ArchiveError.cancelled, CheckpointError.cancelled:
      self = Interruption.failure
    case is FileError, VerificationError.file, SigningError.file, KeyError.file,
      ArchiveError.file, CheckpointError.file:
      self.init(.failure, code: "file", message: "\(error)")
    default:
      self.init(.failure, code: "refused", message: "\(error)")
    }
  }

  /// Prints the message to standard error, as JSON where the command was asked for JSON.
  func report() {
    guard let message else { return }
    if CommandLine.arguments.contains("--json") {
      let json: JSONValue = [
        "error": [
          "code": .string(code), "message": .string(message),
          "exit_code": .integer(Int(exitStatus)),
        ]
      ]
      Terminal.write(String(decoding: json.canonicalBytes, as: UTF8.self) + "\n", to: .error)
    } else {
      Terminal.write("muninn: \(message)\n", to: .error)
    }
  }

  /// Ends with what the argument parser has to say: help, the version, or a usage error.
  static func exitWithUsage(_ error: any Error) -> Never {
    let status = Muninn.exitCode(for: error)
    if status == .success {
      Terminal.write(Muninn.fullMessage(for: error) + "\n", to: .output)
      Terminal.exit(ExitStatus.success.rawValue)
    }
    if CommandLine.arguments.contains("--json") {
      Failure(.usage, code: "usage", message: Muninn.message(for: error)).report()
    } else {
      Terminal.write(Muninn.fullMessage(for: error) + "\n", to: .error)
    }
    Terminal.exit(status.rawValue)
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
