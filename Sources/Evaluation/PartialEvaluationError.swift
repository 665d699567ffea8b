public import StrictJSON

/// Why an evaluation cannot go on from a file.
public enum PartialEvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It is not JSON of the shape.
  case json(JSONError)
  /// It compares something else, or with other settings.
  case otherInputs
  /// Its sums do not fit the evaluation.
  case misfit

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .json(let error): error.description
    case .otherInputs: "it is for another model, text or setting"
    case .misfit: "its sums do not match its inputs"
    }
  }
}
