/// The vocabulary and the rules in their written forms, as other formats list them.
extension Tokenizer {
  /// The tokens by id: added ones as they are written, others in the byte alphabet of GPT-2; nil
  /// for an id that is not given.
  public var writtenTokens: [String?] {
    var tokens = tokenBytes.map { bytes in bytes.map(ByteAlphabet.text(of:)) }
    for token in addedTokens { tokens[token.id] = token.content }
    return tokens
  }

  /// What is merged, the earliest rule first, in written forms.
  public var mergeRules: [(left: String, right: String)] {
    let tokens = writtenTokens
    return pairs.merges.sorted { $0.value.rank < $1.value.rank }
      .map { (tokens[$0.key.left] ?? "", tokens[$0.key.right] ?? "") }
  }

  /// The tokens that come before a text.
  public var prefixTokens: [Int] { prefix }
}
