import StrictJSON

/// The tokens outside the model.
extension TokenizerDocument {
  /// The most scalars of the added tokens together, which bounds memory and time to find them.
  static let addedScalarLimit = 1 << 20

  /// Ids go as in the `tokenizers` package, which looks at none of the list's: a token that the
  /// vocabulary has keeps its id, and others get the next ones from the vocabulary's count on.
  mutating func readAddedTokens(_ objects: [JSONObject]) throws(TokenizerError) {
    var next = vocabulary.count
    var scalarCount = 0
    var others: [(token: AddedToken, id: Int)] = []
    for object in objects {
      var token = try AddedToken(reading: object)
      scalarCount += token.content.unicodeScalars.count
      guard scalarCount <= Self.addedScalarLimit else {
        throw .value(
          path: "added_tokens", expected: "at most \(Self.addedScalarLimit) characters in all",
          found: "more")
      }
      let bytes = Array(token.content.utf8)
      let known = id(ofToken: token.content)
      let id = known ?? next
      if known == nil {
        next += 1
        try place(bytes, at: id, path: object.path)
      }
      addedIDs[bytes] = id
      if token.id != id { others.append((token, id)) }
      token.id = id
      // Of a token that is given twice the last counts, but once special it stays so.
      if addedTokens[id]?.isSpecial == true { token.isSpecial = true }
      addedTokens[id] = token
      if token.isSpecial { tokenBytes[id] = nil }
    }
    if let (token, id) = others.first {
      notes.append(
        .otherIDs(count: others.count, first: token.content, inFile: token.id, id: id))
    }
  }
}
