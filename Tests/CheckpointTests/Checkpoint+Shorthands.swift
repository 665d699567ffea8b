import Checkpoint
import FileAccess
import Foundation
import HuginnModel
import Integrity
import Parallelism
import TestSupport

extension CheckpointVerification {
  /// Verifies an opened checkpoint.
  init(
    _ checkpoint: Checkpoint, claimed: [(file: String, digest: Digest)] = [],
    workers: Workers = Workers(), monitor: Monitor = .none
  ) throws {
    let survey = ChecksumSurvey(checkpoint, claimed: claimed)
    try self.init(survey, workers: workers, monitor: monitor)
  }

  /// Opens and verifies a checkpoint.
  init(
    path: String, claimed: [(file: String, digest: Digest)] = [], workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws {
    let checkpoint = try Checkpoint(path: path)
    try self.init(checkpoint, claimed: claimed, workers: workers, monitor: monitor)
  }

  /// Every check in short: file, source, whether it holds.
  var checks: [String] {
    files.flatMap { file in
      file.checks.map { "\(file.name): \($0.source) \($0.holds ? "holds" : "fails")" }
    }
  }

  /// The answers other than that all is well, in short.
  var answers: [String] {
    files.flatMap { file in
      file.checks.filter { !$0.holds }.map { _ in "\(file.name) differs" }
    } + missing.map { "\($0) is not here" } + uncovered.map { "\($0) is not covered" }
      + (malformed + unreadable).map { "\($0.file) cannot be read" }
  }
}

extension TemporaryDirectory {
  /// The SHA-256 of a file in it.
  func sha256(_ name: String) throws -> String {
    let bytes = try bytes(name)
    return "\(Digest(of: bytes.span.rawBytes))"
  }

  /// A folder in it, with those around it.
  @discardableResult
  func makeFolder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: self(name), withIntermediateDirectories: true)
    return self(name)
  }

  /// A symbolic link in it.
  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: self(name), withDestinationPath: target)
  }
}
