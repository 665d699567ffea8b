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
    let survey = ChecksumSurvey(checkpoint, claimed: claimed, by: "--sha256")
    let progress = Progress("verifying", total: survey.byteCount, options: report)
    let verification = try failing {
      try CheckpointVerification(survey, workers: workers, monitor: progress.monitor)
    }
    progress.finish()
    let isAccepted = requireChecksums ? verification.isProven : verification.isIntact
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
    return table.text + answers
      + checkpoint.diagnostics.filter { $0.severity != .information }.map(\.text).joined()
      + remarks.map { "note: \($0.text)" }.joined() + releaseLine
      + "\(isAccepted ? "no fault found" : "faulty"): \(checkpoint.summary); \(coverage)\n"
  }

  /// Lines about single files: those that differ, are missing, unreadable or not covered.
  private var answers: String {
    var text = ""
    for file in files {
      for check in file.checks where !check.holds {
        text += "differs: \(file.name.quoted), by \(check.source.printable)\n"
        text += "  expected \(check.expected)\n  found    \(check.found)\n"
      }
    }
    for name in missing { text += "missing: \(name.quoted), which has a checksum\n" }
    for remark in malformed + unreadable { text += "unreadable: \(remark.text)" }
    // Where nothing is covered, the table says it.
    guard files.contains(where: \.isCovered), !uncovered.isEmpty else { return text }
    return text + Self.wrapped("not covered: ", uncovered.map(\.printable))
  }

  private var coverage: String {
    let covered = files.count - uncovered.count
    return covered == 0
      ? "there are no checksums beside it, so nothing was covered"
      : "checksums cover \(Numbers.grouped(covered)) of \(Numbers.count(files.count, "file"))"
  }

  /// Names in lines of 80 columns, as far as they fit.
  private static func wrapped(_ label: String, _ names: [String]) -> String {
    var (text, line) = ("", label)
    for (index, name) in names.enumerated() {
      let word = index + 1 < names.count ? "\(name)," : name
      if index > 0 && line.count + 1 + word.count > 80 {
        text += line + "\n"
        line = "  \(word)"
      } else {
        line += index > 0 ? " \(word)" : word
      }
    }
    return text + line + "\n"
  }

  /// Whether the small files are the release's.
  private var releaseLine: String {
    let published = files.filter { $0.isPublished != nil }
    let equal = published.filter { $0.isPublished == true }
    guard !equal.isEmpty else { return "" }
    let others = published.filter { $0.isPublished == false }.map(\.name)
    return
      "\(equal.count) of \(published.count) small files are the same as in \(PublishedRelease.name)"
      + (others.isEmpty ? "" : ", not \(others.joined(separator: ", "))") + "\n"
  }

  fileprivate func json(_ isAccepted: Bool) -> JSONValue {
    [
      "kind": "checkpoint", "intact": .boolean(isAccepted),
      "files": .array(files.map(\.json)),
      "uncovered": .array(uncovered.map { .string($0) }),
      "missing": .array(missing.map { .string($0) }),
      "malformed": .array(malformed.map(\.json)),
      "unreadable": .array(unreadable.map(\.json)),
      "notes": .array(remarks.map(\.json)),
      "diagnostics": .array(checkpoint.diagnostics.map(\.json)),
    ]
  }
}

extension CheckpointRemark {
  fileprivate var text: String { "\(file.quoted): \(reason)\n" }

  fileprivate var json: JSONValue { ["file": .string(file), "reason": .string(reason)] }
}

extension CheckpointVerification.File {
  fileprivate var verdict: String {
    var verdicts = checks.map { "\($0.source): \($0.holds ? "equal" : "DIFFERENT")" }
    if isPublished == true { verdicts.append("published digest: equal") }
    return verdicts.isEmpty ? "nothing" : verdicts.joined(separator: "; ")
  }

  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "bytes": .integer(byteCount),
      "checks": .array(
        checks.map {
          [
            "source": .string($0.source), "expected": .string("\($0.expected)"),
            "found": .string("\($0.found)"), "holds": .boolean($0.holds),
          ]
        }),
    ]
    if let sha256 { members["sha256"] = .string("\(sha256)") }
    if let isPublished { members["published"] = .boolean(isPublished) }
    return .object(members)
  }
}
