public import FileAccess
public import StrictJSON
import Tensors

/// The file that an evaluation is kept in, from its first sums to its result.
public struct EvaluationFile: Sendable {
  /// Where it lies.
  public let path: String
  /// The sums that an interrupted evaluation of the same inputs left.
  public let partial: PartialEvaluation?
  private let inputs: JSONValue

  /// The most bytes that a file of sums has.
  public static let byteLimit = 64 << 20

  /// Looks at what is there.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - inputs: what is compared.
  ///   - replacing: whether another evaluation may be replaced.
  /// - Throws: ``EvaluationFileError`` if it is of something else.
  public init(path: String, inputs: JSONValue, replacing: Bool) throws(EvaluationFileError) {
    self.path = path
    self.inputs = inputs
    let status = try EvaluationFileError.wrapping { () throws(FileError) in
      try PartialFile.check(target: path, replacing: true, kind: .evaluation)
      return try FileStatus.ifPresent(ofLink: path)
    }
    guard status != nil, !replacing else {
      partial = nil
      return
    }
    let bytes = try EvaluationFileError.wrapping(
      InputFile.contents(of: path, limit: Self.byteLimit))
    do throws(PartialEvaluationError) {
      partial = try PartialEvaluation(parsing: bytes, inputs: inputs)
    } catch {
      throw .unfit(path: path, error)
    }
    if partial == nil { throw .complete(path: path) }
  }

  /// Keeps what a run stands at, in place of what was there.
  ///
  /// - Throws: `FileError`.
  public func write(_ partial: PartialEvaluation) throws(FileError) {
    try write(partial.json(inputs: inputs))
  }

  /// Keeps a result, in place of what was there.
  ///
  /// - Throws: `FileError`.
  public func write(_ record: EvaluationRecord) throws(FileError) { try write(record.json) }

  private func write(_ members: [String: JSONValue]) throws(FileError) {
    try PartialFile.write(
      JSONValue.object(members).canonicalBytes, to: path, replacing: true, kind: .evaluation)
  }
}

extension OutputKind {
  /// What an evaluation keeps, of any inputs and as far as it came.
  fileprivate static let evaluation = OutputKind("an evaluation") { file throws(FileError) in
    guard file.byteCount <= EvaluationFile.byteLimit else { return false }
    return EvaluationRecord.isRecord(try file.read(at: 0, count: file.byteCount))
  }
}
