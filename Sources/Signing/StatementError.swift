public import Integrity
public import StrictJSON
import Tensors

/// Why what was signed is no statement about the files of a model that can be checked.
public enum StatementError: DocumentError, Equatable, Sendable, CustomStringConvertible {
  /// It is no JSON, or a member that is needed is missing or of another kind.
  case json(JSONError)
  /// A member that says how to read the rest has another value than the one that is known.
  case value(path: String, expected: String, found: String)
  /// Not one subject.
  case subjectCount(Int)
  /// What was left out is not told as a list of paths.
  case ignoredPaths(path: String)
  /// The name of a file leads out of the directory.
  case name(String, path: String)
  /// The same file twice.
  case duplicate(name: String)
  /// A digest is not 64 lower-case hexadecimal digits.
  case digest(path: String, found: String)
  /// The subject's digest is not that of the files' digests.
  case rootDigest(expected: Digest, found: Digest)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .json(let error):
      error.description
    case .value(let path, let expected, let found):
      "\(path.quoted) is \(found.quoted), expected \(expected.quoted)"
    case .subjectCount(let count):
      "'subject' has \(count) elements, expected one"
    case .ignoredPaths(let path):
      "\(path.quoted) is not an array of strings"
    case .name(let name, let path):
      "\(path.quoted) is \(name.quoted), expected a path inside the pack"
    case .duplicate(let name):
      "'predicate.resources' lists \(name.quoted) twice"
    case .digest(let path, let found):
      "\(path.quoted) is \(found.quoted), expected 64 lower-case hexadecimal digits"
    case .rootDigest(let expected, let found):
      "the subject's digest is \(expected), but the digests of its files give \(found)"
    }
  }
}
