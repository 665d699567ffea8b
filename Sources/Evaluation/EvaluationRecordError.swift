public import StrictJSON

/// Why a file cannot be used as an evaluation.
public enum EvaluationRecordError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It is not JSON of the shape.
  case json(JSONError)
  /// Another version's shape.
  case version(Int)
  /// An evaluation that was stopped.
  case incomplete
  /// An ablation by something unknown.
  case ablation(String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .json(let error): error.description
    case .version(let found):
      "'evaluation' is \(found), expected \(EvaluationRecord.version): it was written by another "
        + "version"
    case .incomplete: "the evaluation is not complete"
    case .ablation(let name): "'ablation.by' is '\(name)', expected 'stage' or 'kind'"
    }
  }
}
