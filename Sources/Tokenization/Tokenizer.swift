/// Text to token ids and back, as a Hugging Face `tokenizer.json` of the release's kind says.
///
/// Byte-level BPE: added tokens are cut out, the rest is split by ``SplitPattern``, each piece's
/// bytes are merged by rank. Ids are those of the `tokenizers` package 0.23. Everything else that
/// such a file can ask for is refused by name.
public struct Tokenizer: Sendable {
  /// The largest `tokenizer.json` that is read, in bytes.
  public static let byteLimit = 1 << 26

  /// The tokens that the model's rules don't make, by id; special ones are not text.
  public let addedTokens: [AddedToken]
  /// The tokens that are not text, by their written form.
  public let specialTokens: [String: Int]
  /// What the file says and is not done.
  public let notes: [TokenizerNote]
  let pairs: BytePairs
  /// The bytes of each token; nil for a special one, or an id that is not given.
  let tokenBytes: [[UInt8]?]
  /// The tokens before a text.
  let prefix: [Int]
  /// What cuts added tokens out: those that are not normalized, then the others.
  let passes: [AddedTokenPass]

  /// One more than the largest id.
  public var vocabularySize: Int { tokenBytes.count }

  /// Reads the bytes of a file.
  ///
  /// - Throws: ``TokenizerError``.
  public init(parsing bytes: [UInt8]) throws(TokenizerError) {
    let document = try TokenizerDocument(parsing: bytes)
    pairs = document.pairs
    prefix = document.prefix
    notes = document.notes
    tokenBytes = document.tokenBytes
    let added = document.addedTokens.values.sorted { $0.id < $1.id }
    addedTokens = added
    specialTokens = Dictionary(added.filter(\.isSpecial).map { ($0.content, $0.id) }) { first, _ in
      first
    }
    passes = [false, true].map { isNormalized in
      AddedTokenPass(added.filter { $0.isNormalized == isNormalized })
    }
  }

  // MARK: - Encoding

  /// The tokens of a text; added tokens written in it are themselves.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - addingSpecialTokens: whether what the file's template puts before a text is added.
  /// - Returns: ids.
  /// - Complexity: O(n · log n) for n scalars, whatever tokens there are.
  public func encode(_ text: String, addingSpecialTokens: Bool = true) -> [Int] {
    (addingSpecialTokens ? prefix : []) + encode(text, specialsAreText: false)
  }

  /// The tokens of a text in which nothing is special; added tokens that are text are themselves.
  func encodePlainText(_ text: String) -> [Int] { encode(text, specialsAreText: true) }

  private func encode(_ text: String, specialsAreText: Bool) -> [Int] {
    var parts: [AddedTokenPass.Part] = [.text(ArraySlice(text.unicodeScalars))]
    for pass in passes {
      parts = parts.flatMap { part in
        guard case .text(let scalars) = part else { return [part] }
        return pass.parts(of: scalars, specialsAreText: specialsAreText)
      }
    }
    return parts.flatMap { part in
      switch part {
      case .token(let id): [id]
      case .text(let scalars): encodePlain(Array(scalars))
      }
    }
  }

  private func encodePlain(_ scalars: [Unicode.Scalar]) -> [Int] {
    SplitPattern.pieces(of: scalars).flatMap { range in
      pairs.encode(
        Array(scalars[range].flatMap { Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) })
      )
    }
  }

  // MARK: - Decoding

  /// The bytes of a token; none for a special token, or for an id without a token.
  public func bytes(of token: Int) -> [UInt8] {
    tokenBytes.indices.contains(token) ? tokenBytes[token] ?? [] : []
  }

  /// The text of tokens; what is not UTF-8 becomes U+FFFD.
  ///
  /// - Parameters:
  ///   - tokens: ids; one that is not given has no text.
  ///   - skippingSpecialTokens: whether special tokens are left out, or written as they are.
  /// - Returns: the text.
  public func decode(_ tokens: [Int], skippingSpecialTokens: Bool = true) -> String {
    let names = skippingSpecialTokens ? [:] : specialNames
    let bytes = tokens.flatMap { token in
      names[token].map { Array($0.utf8) } ?? self.bytes(of: token)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private var specialNames: [Int: String] {
    Dictionary(addedTokens.filter(\.isSpecial).map { ($0.id, $0.content) }) { first, _ in first }
  }
}
