public import StrictJSON
import Tensors

/// Why the `model` member of a manifest was refused.
public enum ModelMemberError: DocumentError, Equatable, Sendable, CustomStringConvertible {
  /// It is not an object.
  case json(JSONError)
  /// A member is missing, malformed, or contradicts another.
  case inconsistent(Diagnostic?)
  /// A key is missing or unknown, or a derived number is not what the others give.
  case notNormalised

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .json(let error):
      error.description
    case .inconsistent(let diagnostic?):
      "\(diagnostic.subject.quoted) \(diagnostic.code.meaning)"
        + (diagnostic.found.map { ": found \($0)" } ?? "")
    case .inconsistent(nil):
      "the sizes are inconsistent"
    case .notNormalised:
      "a key is missing or unknown, or 'embedding_scale' or 'state_std' does not follow from the sizes"
    }
  }
}
