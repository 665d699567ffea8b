import Checkpoint
import HuginnModel
import Integrity
import Presentation
import StrictJSON
import Tensors

/// `muninn verify CHECKPOINT`.
extension Verify {
  /// The digests given as FILE=HEX.
  func claimedDigests() throws(Failure) -> [(file: String, digest: Digest)] {
    try digests.map { text throws(Failure) in
      guard let separator = text.lastIndex(of: "="),
        let digest = Digest(hexadecimal: text[text.index(after: separator)...].lowercased())
      else {
        throw Failure(
          .usage, code: "usage",
          message: "\(text.quoted) is not FILE=HEX with 64 hexadecimal digits")
      }
      return (String(text[..<separator]), digest)
    }
  }

  func verify(_ checkpoint: Checkpoint, claimed: [(file: String, digest: Digest)]) throws {
    let workers = threads.workers
    let progress = Progress("verifying", total: checkpoint.byteCount, options: report)
    let verification = try failing {
      try CheckpointVerification(
        checkpoint, claimed: claimed, workers: workers, monitor: progress.monitor)
    }
    progress.finish()
    let isAccepted =
      verification.isIntact && !(requireChecksums && !verification.uncovered.isEmpty)
    try report.print(verification.text(isAccepted), verification.json(isAccepted))
    if !isAccepted { throw Failure.wanting }
  }
}

extension CheckpointVerification {
  fileprivate func text(_ isAccepted: Bool) -> String {
    var table = Table([("file", .left), ("bytes", .right), ("checked against", .left)])
    for file in files {
      table.add([file.name, Numbers.grouped(file.byteCount), file.verdict])
    }
    var text = table.text
    for name in missing { text += "missing: \(name.quoted), for which a checksum is given\n" }
    for list in malformedLists { text += "malformed: \(list.name.quoted): \(list.reason)\n" }
    text += checkpoint.diagnostics.filter { $0.severity != .information }.map(\.text).joined()
    text += releaseLine
    let covered = files.count - uncovered.count
    text += isAccepted ? "no fault found" : "faulty"
    text += ": \(checkpoint.summary); "
    guard covered > 0 else { return text + "no checksum lies beside it, nothing was covered\n" }
    text += "checksums cover \(covered) of \(Numbers.count(files.count, "file"))"
    return text + (uncovered.isEmpty ? "" : ", not \(uncovered.joined(separator: ", "))") + "\n"
  }

  /// Whether the small files are the release's.
  private var releaseLine: String {
    let published = files.filter { $0.isPublished != nil }
    let equal = published.filter { $0.isPublished == true }
    guard !equal.isEmpty else { return "" }
    let others = published.filter { $0.isPublished == false }.map(\.name)
    return "\(equal.count) of \(published.count) small files are those of \(PublishedRelease.name)"
      + (others.isEmpty ? "" : ", not \(others.joined(separator: ", "))") + "\n"
  }

  fileprivate func json(_ isAccepted: Bool) -> JSONValue {
    [
      "kind": "checkpoint", "intact": .boolean(isAccepted),
      "files": .array(files.map(\.json)),
      "uncovered": .array(uncovered.map { .string($0) }),
      "missing": .array(missing.map { .string($0) }),
      "malformed": .array(
        malformedLists.map { ["file": .string($0.name), "reason": .string($0.reason)] }),
      "diagnostics": .array(checkpoint.diagnostics.map(\.json)),
    ]
  }
}

extension CheckpointVerification.File {
  fileprivate var verdict: String {
    var verdicts = checks.map { check in
      check.holds
        ? "\(check.source): equal"
        : "\(check.source): DIFFERENT, expected \(check.expected), found \(check.found)"
    }
    if isPublished == true { verdicts.append("published digest: equal") }
    return verdicts.isEmpty ? "nothing" : verdicts.joined(separator: "; ")
  }

  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "bytes": .integer(byteCount), "sha256": .string("\(sha256)"),
      "checks": .array(
        checks.map {
          [
            "source": .string($0.source), "expected": .string("\($0.expected)"),
            "holds": .boolean($0.holds),
          ]
        }),
    ]
    if let isPublished { members["published"] = .boolean(isPublished) }
    return .object(members)
  }
}
