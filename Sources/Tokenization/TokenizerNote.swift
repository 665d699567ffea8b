import Tensors

/// What a `tokenizer.json` says that is not followed to the letter.
public enum TokenizerNote: Equatable, Sendable, CustomStringConvertible {
  /// The template puts tokens after a text.
  case appendedTokens([String])
  /// Added tokens whose ids are not those of the file.
  case otherIDs(count: Int, first: String, inFile: Int, id: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .appendedTokens(let tokens):
      "tokenizer.json: the template also appends "
        + tokens.map(\.quoted).abbreviated(to: 3)
        + " after a text; they are left out, since the model continues the text"
    case .otherIDs(let count, let first, let inFile, let id):
      "tokenizer.json: added_tokens gives \(first.quoted) the id \(inFile), but its id is \(id), "
        + "from the vocabulary or counted on from its end, as in the tokenizers package"
        + (count > 1 ? "; the same applies to \(count - 1) more" : "")
    }
  }
}
