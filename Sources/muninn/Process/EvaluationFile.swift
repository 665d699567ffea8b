import Evaluation
import FileAccess
import PackFormat
import StrictJSON
import Tensors

/// The file that an evaluation is kept in, from its first sums to its result.
struct EvaluationFile {
  let path: String
  let inputs: JSONValue
  /// The sums that an interrupted evaluation of the same inputs left.
  let partial: PartialEvaluation?

  /// The most bytes that a file of sums has.
  static let byteLimit = 64 << 20

  /// Looks at what is there.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - inputs: what is compared.
  ///   - replacing: whether another file may be replaced.
  /// - Throws: ``Failure`` if it is of something else.
  init(path: String, inputs: JSONValue, replacing: Bool) throws(Failure) {
    self.path = path
    self.inputs = inputs
    // Hours of work are not to end with this.
    try failing { try PackWriter.checkNotInsidePack(path) }
    try failing { try PartialFile.check(target: path, replacing: true, kind: .evaluation) }
    let status = try failing { try FileStatus.ifPresent(ofLink: path) }
    guard status != nil, !replacing else {
      partial = nil
      return
    }
    let bytes = try failing { try InputFile.contents(of: path, limit: Self.byteLimit) }
    do throws(PartialEvaluationError) {
      partial = try PartialEvaluation(parsing: bytes, inputs: inputs)
    } catch {
      throw Failure(
        .failure, code: "refused", message: "\(path.quoted) is there already: \(error)")
    }
    guard partial != nil else {
      throw Failure(
        .failure, code: "refused",
        message: "\(path.quoted) has this evaluation already, complete; give --force to repeat it")
    }
  }

  /// Puts new content in place of the old in one step.
  func write(_ members: [String: JSONValue]) throws(Failure) {
    try failing {
      try PartialFile.write(
        JSONValue.object(members).canonicalBytes, to: path, replacing: true, kind: .evaluation)
    }
  }
}

extension OutputKind {
  /// What an evaluation keeps, of any inputs and as far as it came.
  fileprivate static let evaluation = OutputKind("evaluation") { file throws(FileError) in
    guard file.byteCount <= EvaluationFile.byteLimit else { return false }
    return EvaluationRecord.isRecord(try file.read(at: 0, count: file.byteCount))
  }
}
