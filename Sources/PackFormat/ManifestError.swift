public import HuginnModel
public import Integrity
public import StrictJSON
import Tensors

/// Why a manifest was refused.
public enum ManifestError: DocumentError, Equatable, Sendable, CustomStringConvertible {
  /// It is no JSON, or a member has another kind than the format says.
  case json(JSONError)
  /// It is no muninn pack's manifest.
  case format(found: String)
  /// A version of the format that this tool does not read.
  case version(found: Int)
  /// The model's sizes are not consistent.
  case model(ModelMemberError)
  /// The recipe is malformed.
  case recipe(RecipeError)
  /// The recipe does not fit the model.
  case layout(LayoutError)
  /// A member is not what the rest of the manifest makes it.
  case differs(path: String, expected: String, found: String)
  /// A list is not in the order that the format prescribes, or names something twice.
  case order(path: String)
  /// A member has a value that the format does not allow.
  case value(path: String, expected: String, found: String)
  /// The digest is not that of the rest.
  case digest(expected: Digest, found: Digest)
  /// The bytes are not the canonical form of what they say.
  case notCanonical(byteOffset: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .json(let error): error.description
    case .format(let found):
      "'format' is \(found.quoted), expected '\(PackConstants.format)'"
    case .version(let found):
      "the pack has format version \(found), expected \(PackConstants.version); use a version of the "
        + "program that writes format version \(found)"
    case .model(let error): "'model': \(error)"
    case .recipe(let error): error.description
    case .layout(let error): error.description
    case .differs(let path, let expected, let found):
      "\(path.quoted) is \(found.printable), expected \(expected.printable)"
    case .order(let path): "\(path.quoted) is not sorted by name, or names something twice"
    case .value(let path, let expected, let found):
      "\(path.quoted) is \(found.printable), expected \(expected.printable)"
    case .digest(let expected, let found):
      "'digest' is \(found), expected \(expected), the digest of the rest of the manifest"
    case .notCanonical(let offset):
      "the manifest is not canonical JSON (RFC 8785): byte \(offset) is the first that differs from "
        + "the canonical form"
    }
  }
}
