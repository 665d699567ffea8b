import HuginnModel
public import Quantization
public import StrictJSON
import Tensors

/// Why a recipe was refused.
public enum RecipeError: DocumentError, Equatable, Sendable, CustomStringConvertible {
  /// It has not the shape of a recipe.
  case json(JSONError)
  /// It names a stage that Huginn does not have.
  case unknownStage(String)
  /// It names no encoding.
  case encoding(EncodingError)
  /// More overrides, or a longer pattern, than a recipe has.
  case tooLarge(overrides: Int, longestPattern: Int)
  /// A pattern matches nothing, only vectors, or only an alias.
  case patternMatchesNoMatrix(String)
  /// An override on the command line is not `GLOB=ENC`.
  case notAnOverride(String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .json(let error):
      "the recipe is malformed: \(error)"
    case .unknownStage(let name):
      "the recipe names the stage \(name.quoted), expected one of "
        + Stage.allCases.map(\.rawValue).joined(separator: ", ")
    case .encoding(let error):
      error.description
    case .tooLarge(let overrides, let longest):
      "the recipe has \(overrides) overrides with patterns of up to \(longest) bytes, expected at most "
        + "\(Recipe.overrideLimit) overrides with patterns of at most \(Recipe.patternByteLimit) bytes"
    case .patternMatchesNoMatrix(let pattern):
      "the pattern \(pattern.quoted) matches no matrix; vectors are always f32 and a tied head is "
        + "the embedding"
    case .notAnOverride(let text):
      "\(text.quoted) is not an override, expected GLOB=ENC such as '*.attn.*=f16'"
    }
  }
}
