import StrictJSON

/// The model: a vocabulary and rules.
extension TokenizerDocument {
  mutating func readModel(_ object: JSONObject) throws(TokenizerError) {
    var model = object
    try Self.expect(&model, "type", .string("BPE"))
    let dropout = model.takeIfPresent("dropout") ?? .null
    guard [.null, 0, .number(0)].contains(dropout) else {
      throw .unsupported(path: model.path(of: "dropout"), found: Self.text(dropout))
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      let value = model.takeIfPresent(key) ?? .null
      guard value == .null || value == .string("") else {
        throw .unsupported(path: model.path(of: key), found: Self.text(value))
      }
    }
    // With a token for each byte, nothing is unknown.
    for key in ["unk_token", "fuse_unk", "byte_fallback"] { _ = model.takeIfPresent(key) }
    let (ignores, vocab, merges) = try TokenizerError.reading { () throws(JSONError) in
      (
        try model.booleanIfPresent("ignore_merges") ?? false, try model.take("vocab"),
        try model.take("merges")
      )
    }
    try Self.expectNoMore(model)
    guard case .object(let entries) = vocab else {
      throw .value(path: "model.vocab", expected: "an object", found: vocab.kind.described)
    }
    guard case .array(let rules) = merges else {
      throw .value(path: "model.merges", expected: "an array", found: merges.kind.described)
    }
    try readVocabulary(entries)
    pairs = BytePairs(byteTokens: try byteTokens(), merges: try self.merges(rules))
    ignoresMerges = ignores
  }

  private mutating func readVocabulary(
    _ entries: [String: JSONValue]
  ) throws(TokenizerError) {
    for (token, value) in entries {
      guard case .integer(let id) = value, (0..<Self.tokenLimit).contains(id) else {
        throw .value(path: "model.vocab.\(token)", expected: "an id", found: Self.text(value))
      }
      vocabulary[token] = id
      try place(ByteAlphabet.bytes(of: token), at: id, path: "model.vocab.\(token)")
    }
  }

  private func byteTokens() throws(TokenizerError) -> [Int] {
    var tokens: [Int] = []
    for scalar in ByteAlphabet.scalars {
      guard let id = id(inVocabulary: String(Character(scalar))) else {
        throw .value(
          path: "model.vocab", expected: "a token for each byte", found: "none for \(scalar)")
      }
      tokens.append(id)
    }
    return tokens
  }

  private func merges(
    _ rules: [JSONValue]
  ) throws(TokenizerError) -> [BytePairs.Pair: BytePairs.Merge] {
    var merges: [BytePairs.Pair: BytePairs.Merge] = [:]
    for (rank, rule) in rules.enumerated() {
      let parts: [String]
      switch rule {
      case .string(let text): parts = text.split(separator: " ").map { String($0) }
      case .array(let elements):
        parts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
      default: parts = []
      }
      guard parts.count == 2, let left = id(inVocabulary: parts[0]),
        let right = id(inVocabulary: parts[1]), let token = id(inVocabulary: parts[0] + parts[1])
      else {
        throw .value(
          path: "model.merges[\(rank)]", expected: "two tokens that join into a third",
          found: Self.text(rule))
      }
      let pair = BytePairs.Pair(left: left, right: right)
      guard merges.updateValue(BytePairs.Merge(rank: rank, token: token), forKey: pair) == nil
      else {
        throw .value(
          path: "model.merges[\(rank)]", expected: "a pair that was not merged before",
          found: Self.text(rule))
      }
    }
    return merges
  }

  /// Keeps what a piece may be as a whole, where the model looks for that first.
  ///
  /// Special tokens are not among it: they are never made of text.
  mutating func findWholePieces() {
    guard ignoresMerges else { return }
    for (text, id) in vocabulary where addedTokens[id]?.isSpecial != true {
      if let bytes = ByteAlphabet.bytes(of: text) { pairs.wholePieces[bytes] = id }
    }
  }
}
