import StrictJSON

/// What a `tokenizer.json` says, as far as it is understood; the rest is refused by name.
struct TokenizerDocument {
  private(set) var specialTokens: [String: Int] = [:]
  private(set) var tokenBytes: [[UInt8]?] = []
  private(set) var prefix: [Int] = []
  private(set) var pairs = BytePairs(byteTokens: [], merges: [:])

  /// The most tokens of a vocabulary.
  private static let tokenLimit = 1 << 20

  init(parsing bytes: [UInt8]) throws(TokenizerError) {
    var document = try Self.object(bytes)
    _ = document.takeIfPresent("version")
    for key in ["truncation", "padding", "normalizer"] { try Self.expectNothing(&document, key) }
    let added = try Self.json { () throws(JSONError) in
      try document.objectsIfPresent("added_tokens") ?? []
    }
    let (model, preTokenizer) = try Self.json { () throws(JSONError) in
      (try document.object("model"), try document.object("pre_tokenizer"))
    }
    try Self.checkPreTokenizer(preTokenizer)
    try Self.checkDecoder(try Self.json { () throws(JSONError) in try document.object("decoder") })
    let postProcessor = document.takeIfPresent("post_processor") ?? .null
    if let key = document.remainingKeys.first { throw .unsupported(path: key, found: "present") }
    let vocabulary = try readModel(model)
    try readAddedTokens(added, vocabulary)
    try readPostProcessor(postProcessor)
  }

  // MARK: - Model

  private mutating func readModel(
    _ object: JSONObject
  ) throws(TokenizerError) -> [String: Int] {
    var model = object
    try Self.expect(&model, "type", .string("BPE"))
    for key in ["dropout", "unk_token"] { try Self.expectNothing(&model, key) }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      let value = model.takeIfPresent(key) ?? .null
      guard value == .null || value == .string("") else {
        throw .unsupported(path: model.path(of: key), found: Self.text(value))
      }
    }
    for key in ["fuse_unk", "byte_fallback", "ignore_merges"] {
      let value = model.takeIfPresent(key) ?? .boolean(false)
      guard value == .boolean(false) else {
        throw .unsupported(path: model.path(of: key), found: Self.text(value))
      }
    }
    let (vocab, merges) = try Self.json { () throws(JSONError) in
      (try model.take("vocab"), try model.take("merges"))
    }
    if let key = model.remainingKeys.first {
      throw .unsupported(path: model.path(of: key), found: "present")
    }
    guard case .object(let entries) = vocab else {
      throw .value(path: "model.vocab", expected: "an object", found: vocab.kind.described)
    }
    guard case .array(let rules) = merges else {
      throw .value(path: "model.merges", expected: "an array", found: merges.kind.described)
    }
    var vocabulary: [String: Int] = [:]
    for (token, value) in entries {
      guard case .integer(let id) = value, (0..<Self.tokenLimit).contains(id) else {
        throw .value(path: "model.vocab.\(token)", expected: "an id", found: Self.text(value))
      }
      vocabulary[token] = id
    }
    for (token, id) in vocabulary { try place(ByteAlphabet.bytes(of: token), token, at: id) }
    pairs = BytePairs(
      byteTokens: try Self.byteTokens(vocabulary), merges: try Self.merges(rules, vocabulary))
    return vocabulary
  }

  /// Ids are given once; a gap is an id that no text has.
  private mutating func place(
    _ bytes: [UInt8]?, _ token: String, at id: Int
  ) throws(TokenizerError) {
    while tokenBytes.count <= id { tokenBytes.append(nil) }
    guard tokenBytes[id] == nil else {
      throw .value(path: "model.vocab.\(token)", expected: "an id of its own", found: "\(id)")
    }
    tokenBytes[id] = bytes
  }

  private static func byteTokens(
    _ vocabulary: [String: Int]
  ) throws(TokenizerError) -> [Int] {
    var tokens: [Int] = []
    for scalar in ByteAlphabet.scalars {
      guard let id = vocabulary[String(Character(scalar))] else {
        throw .value(
          path: "model.vocab", expected: "a token for each byte", found: "none for \(scalar)")
      }
      tokens.append(id)
    }
    return tokens
  }

  private static func merges(
    _ rules: [JSONValue], _ vocabulary: [String: Int]
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
      guard parts.count == 2, let left = vocabulary[parts[0]], let right = vocabulary[parts[1]],
        let token = vocabulary[parts[0] + parts[1]]
      else {
        throw .value(
          path: "model.merges[\(rank)]", expected: "two tokens that make a third",
          found: text(rule))
      }
      let pair = BytePairs.Pair(left: left, right: right)
      guard merges.updateValue(BytePairs.Merge(rank: rank, token: token), forKey: pair) == nil
      else {
        throw .value(
          path: "model.merges[\(rank)]", expected: "a pair that was not merged before",
          found: text(rule))
      }
    }
    return merges
  }

  // MARK: - Around the model

  private mutating func readAddedTokens(
    _ objects: [JSONObject], _ vocabulary: [String: Int]
  ) throws(TokenizerError) {
    for object in objects {
      var token = object
      let (content, id, isSpecial) = try Self.json { () throws(JSONError) in
        (try token.string("content"), try token.count("id"), try token.boolean("special"))
      }
      for key in ["single_word", "lstrip", "rstrip", "normalized"] {
        try Self.expect(&token, key, .boolean(false))
      }
      guard isSpecial, !content.isEmpty else {
        throw .unsupported(path: token.path, found: content)
      }
      try Self.expectNoMore(token)
      guard id < Self.tokenLimit else {
        throw .value(path: token.path, expected: "an id", found: "\(id)")
      }
      if let known = vocabulary[content] {
        guard known == id else {
          throw .value(path: token.path, expected: "\(known)", found: "\(id)")
        }
        tokenBytes[id] = nil
      } else {
        try place(nil, content, at: id)
      }
      specialTokens[content] = id
    }
  }

  /// `Split` by the pattern that is known, then bytes.
  private static func checkPreTokenizer(_ object: JSONObject) throws(TokenizerError) {
    var sequence = object
    try expect(&sequence, "type", .string("Sequence"))
    let parts = try json { () throws(JSONError) in try sequence.objects("pretokenizers") }
    guard parts.count == 2 else {
      throw .unsupported(path: "pre_tokenizer", found: "\(parts.count) parts")
    }
    var (split, bytes) = (parts[0], parts[1])
    try expect(&split, "type", .string("Split"))
    var pattern = try json { () throws(JSONError) in try split.object("pattern") }
    try expect(&pattern, "Regex", .string(SplitPattern.text))
    try expect(&split, "behavior", .string("Removed"))
    try expect(&split, "invert", .boolean(true))
    try expect(&bytes, "type", .string("ByteLevel"))
    try expect(&bytes, "add_prefix_space", .boolean(false))
    try expect(&bytes, "use_regex", .boolean(false))
    // Offsets into a text are not given.
    _ = bytes.takeIfPresent("trim_offsets")
    for object in [sequence, split, pattern, bytes] { try expectNoMore(object) }
  }

  private static func checkDecoder(_ object: JSONObject) throws(TokenizerError) {
    var decoder = object
    try expect(&decoder, "type", .string("ByteLevel"))
    // A decoder of bytes looks at none of these.
    for key in ["add_prefix_space", "trim_offsets", "use_regex"] { _ = decoder.takeIfPresent(key) }
    try expectNoMore(decoder)
  }

  /// A template that puts special tokens before a text, and nothing after it.
  private mutating func readPostProcessor(_ value: JSONValue) throws(TokenizerError) {
    if value == .null { return }
    var template = try Self.json { () throws(JSONError) in
      try JSONObject(value, path: "post_processor")
    }
    try Self.expect(&template, "type", .string("TemplateProcessing"))
    var parts = try Self.json { () throws(JSONError) in try template.objects("single") }
    guard var last = parts.popLast(), let sequence = last.takeIfPresent("Sequence") else {
      throw .unsupported(path: "post_processor.single", found: "tokens after the text")
    }
    _ = sequence
    for part in parts {
      var part = part
      guard part.remainingKeys == ["SpecialToken"] else {
        throw .unsupported(path: part.path, found: part.remainingKeys.first ?? "nothing")
      }
      let name = try Self.json { () throws(JSONError) in
        var token = try part.object("SpecialToken")
        return try token.string("id")
      }
      guard let id = specialTokens[name] else {
        throw .value(path: part.path, expected: "a special token", found: name)
      }
      try checkTemplateToken(name, id, template)
      prefix.append(id)
    }
    // A pair of texts is never encoded.
    for key in ["pair", "special_tokens"] { _ = template.takeIfPresent(key) }
    try Self.expectNoMore(template)
  }

  /// The template gives its tokens ids of its own, which must be these.
  private func checkTemplateToken(
    _ name: String, _ id: Int, _ template: JSONObject
  ) throws(TokenizerError) {
    var template = template
    let ids = try Self.json { () throws(JSONError) in
      var tokens = try template.object("special_tokens")
      var token = try tokens.object(name)
      return try token.take("ids")
    }
    guard ids == .array([.integer(id)]) else {
      throw .value(
        path: "post_processor.special_tokens.\(name).ids", expected: "[\(id)]",
        found: Self.text(ids))
    }
  }

  // MARK: - Reading

  private static func object(_ bytes: [UInt8]) throws(TokenizerError) -> JSONObject {
    try json { () throws(JSONError) in try JSONObject(JSONValue(parsing: bytes)) }
  }

  private static func json<Value>(
    _ body: () throws(JSONError) -> Value
  ) throws(TokenizerError) -> Value {
    do throws(JSONError) { return try body() } catch { throw .json(error) }
  }

  private static func expect(
    _ object: inout JSONObject, _ key: String, _ expected: JSONValue
  ) throws(TokenizerError) {
    let found = object.takeIfPresent(key) ?? .null
    guard found == expected else {
      throw .unsupported(path: object.path(of: key), found: text(found))
    }
  }

  /// A member that is not known is not supported.
  private static func expectNoMore(_ object: JSONObject) throws(TokenizerError) {
    if let key = object.remainingKeys.first {
      throw .unsupported(path: object.path(of: key), found: "present")
    }
  }

  private static func expectNothing(
    _ object: inout JSONObject, _ key: String
  ) throws(TokenizerError) {
    let found = object.takeIfPresent(key) ?? .null
    guard found == .null else {
      throw .unsupported(path: object.path(of: key), found: text(found))
    }
  }

  /// A value in a message.
  private static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value { return text }
    return String(decoding: value.canonicalBytes.prefix(200), as: UTF8.self)
  }
}
