import FileAccess

/// Text to token ids and back, as a Hugging Face `tokenizer.json` of the release's kind says.
///
/// Byte-level BPE: special tokens are cut out, the rest is split by ``SplitPattern``, each piece's
/// bytes are merged by rank. Everything else that such a file can ask for is refused by name.
public struct Tokenizer: Sendable {
  /// The largest `tokenizer.json` that is read, in bytes.
  public static let byteLimit = 1 << 26

  /// The tokens that are not text, by their written form.
  public let specialTokens: [String: Int]
  let pairs: BytePairs
  /// The bytes of each token; nil for a special one, or an id that is not given.
  let tokenBytes: [[UInt8]?]
  /// What stands before a text.
  let prefix: [Int]
  /// Special tokens by their first scalar, the longest first.
  let specials: [Unicode.Scalar: [(scalars: [Unicode.Scalar], id: Int)]]

  /// One more than the largest id.
  public var vocabularySize: Int { tokenBytes.count }

  /// Reads a file.
  ///
  /// - Throws: ``TokenizerError``.
  public init(path: String) throws(TokenizerError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: path, limit: Self.byteLimit)
    } catch {
      throw .file(error)
    }
    try self.init(parsing: bytes)
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: ``TokenizerError``.
  public init(parsing bytes: [UInt8]) throws(TokenizerError) {
    let document = try TokenizerDocument(parsing: bytes)
    pairs = document.pairs
    prefix = document.prefix
    specialTokens = document.specialTokens
    tokenBytes = document.tokenBytes
    let sorted = document.specialTokens.sorted { a, b in
      let counts = (a.key.unicodeScalars.count, b.key.unicodeScalars.count)
      return counts.0 != counts.1 ? counts.0 > counts.1 : a.value < b.value
    }
    var specials: [Unicode.Scalar: [(scalars: [Unicode.Scalar], id: Int)]] = [:]
    for (text, id) in sorted {
      let scalars = Array(text.unicodeScalars)
      specials[scalars[0], default: []].append((scalars, id))
    }
    self.specials = specials
  }

  // MARK: - Encoding

  /// The tokens of a text; special tokens written in it are themselves.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - addingSpecialTokens: whether what the file's template puts before a text is added.
  /// - Returns: ids.
  public func encode(_ text: String, addingSpecialTokens: Bool = true) -> [Int] {
    var tokens = addingSpecialTokens ? prefix : []
    let scalars = Array(text.unicodeScalars)
    var start = 0
    var position = 0
    while position < scalars.count {
      if let special = special(at: position, in: scalars) {
        tokens += encodePlain(Array(scalars[start..<position]))
        tokens.append(special.id)
        position += special.scalars.count
        start = position
      } else {
        position += 1
      }
    }
    return tokens + encodePlain(Array(scalars[start...]))
  }

  private func special(
    at position: Int, in scalars: [Unicode.Scalar]
  ) -> (scalars: [Unicode.Scalar], id: Int)? {
    specials[scalars[position]]?.first { special in
      position + special.scalars.count <= scalars.count
        && zip(special.scalars, scalars[position...]).allSatisfy { $0 == $1 }
    }
  }

  /// The tokens of a text in which nothing is special.
  func encodePlainText(_ text: String) -> [Int] { encodePlain(Array(text.unicodeScalars)) }

  private func encodePlain(_ scalars: [Unicode.Scalar]) -> [Int] {
    SplitPattern.pieces(of: scalars).flatMap { range in
      pairs.encode(
        Array(scalars[range].flatMap { Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) })
      )
    }
  }

  // MARK: - Decoding

  /// The bytes that a token stands for; none for a special token, or for no token at all.
  public func bytes(of token: Int) -> [UInt8] {
    tokenBytes.indices.contains(token) ? tokenBytes[token] ?? [] : []
  }

  /// The text of tokens; what is no UTF-8 becomes U+FFFD.
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
    Dictionary(specialTokens.map { ($0.value, $0.key) }) { first, _ in first }
  }
}
