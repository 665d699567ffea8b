import StrictJSON

/// A token that is cut out of a text before the model sees the rest.
public struct AddedToken: Equatable, Sendable {
  /// The text that is the token.
  public let content: String
  /// Its id.
  public internal(set) var id: Int
  /// Whether decoding leaves it out; any other is its text.
  public internal(set) var isSpecial: Bool
  /// Whether a letter, digit or the like on either side keeps it from being the token.
  let isSingleWord: Bool
  /// Whether white space before it belongs to it.
  let stripsLeft: Bool
  /// Whether white space after it belongs to it.
  let stripsRight: Bool
  /// Whether it is looked for in what those that are not normalized leave.
  ///
  /// There is no normalizer in the release's kind of file, so it has no other effect.
  let isNormalized: Bool

  /// Reads an element of `added_tokens`.
  ///
  /// - Throws: ``TokenizerError``.
  init(reading object: JSONObject) throws(TokenizerError) {
    var object = object
    do throws(JSONError) {
      content = try object.string("content")
      id = try object.count("id")
      isSpecial = try object.boolean("special")
      isSingleWord = try object.boolean("single_word")
      stripsLeft = try object.boolean("lstrip")
      stripsRight = try object.boolean("rstrip")
      isNormalized = try object.boolean("normalized")
    } catch {
      throw .json(error)
    }
    try TokenizerDocument.expectNoMore(object)
    guard !content.isEmpty else {
      throw .value(path: object.path(of: "content"), expected: "a text", found: content)
    }
  }
}
