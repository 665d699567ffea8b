import StrictJSON

/// What a `tokenizer.json` says, as far as it is understood; the rest is refused by name.
struct TokenizerDocument {
  /// The model's tokens, by their written form.
  var vocabulary: [String: Int] = [:]
  /// The tokens outside the model, by id.
  var addedTokens: [Int: AddedToken] = [:]
  /// Their ids by the bytes of their content.
  var addedIDs: [[UInt8]: Int] = [:]
  /// The bytes of each token; nil for a special one, or an id that is not given.
  var tokenBytes: [[UInt8]?] = []
  /// The tokens before a text.
  var prefix: [Int] = []
  var pairs = BytePairs(byteTokens: [], merges: [:])
  var ignoresMerges = false
  var notes: [TokenizerNote] = []
  private var givenIDs: Set<Int> = []

  /// The most tokens of a vocabulary.
  static let tokenLimit = 1 << 20

  init(parsing bytes: [UInt8]) throws(TokenizerError) {
    try Self.checkStart(of: bytes)
    var document = try TokenizerError.reading { () throws(JSONError) in
      try JSONObject(JSONValue(parsing: bytes))
    }
    let version = document.takeIfPresent("version") ?? "1.0"
    guard version == "1.0" else {
      throw .unsupported(path: "version", found: Self.text(version))
    }
    // How long a text may be and how a batch is filled up are settings of a call.
    for key in ["truncation", "padding"] { _ = document.takeIfPresent(key) }
    try Self.expectNothing(&document, "normalizer")
    let added = try TokenizerError.reading { () throws(JSONError) in
      try document.objectsIfPresent("added_tokens") ?? []
    }
    let (model, preTokenizer, decoder) = try TokenizerError.reading { () throws(JSONError) in
      (
        try document.object("model"), try document.object("pre_tokenizer"),
        try document.object("decoder")
      )
    }
    try Self.checkPreTokenizer(preTokenizer)
    try Self.checkDecoder(decoder)
    let postProcessor = document.takeIfPresent("post_processor") ?? .null
    try Self.expectNoMore(document)
    try readModel(model)
    try readAddedTokens(added)
    findWholePieces()
    try readPostProcessor(postProcessor)
  }

  /// Windows editors and shells put a mark before the text.
  private static func checkStart(of bytes: [UInt8]) throws(TokenizerError) {
    let marks: [(encoding: String, bytes: [UInt8])] = [
      ("UTF-8", [0xEF, 0xBB, 0xBF]), ("UTF-16", [0xFF, 0xFE]), ("UTF-16", [0xFE, 0xFF]),
    ]
    if let mark = marks.first(where: { bytes.starts(with: $0.bytes) }) {
      throw .byteOrderMark(encoding: mark.encoding)
    }
  }

  // MARK: - Tokens

  /// The id of a token of the model that is written so, scalar by scalar: `String` takes canonically
  /// equivalent texts for one.
  func id(inVocabulary text: String) -> Int? {
    guard let index = vocabulary.index(forKey: text),
      vocabulary[index].key.utf8.elementsEqual(text.utf8)
    else { return nil }
    return vocabulary[index].value
  }

  /// The id of a token, added or of the model.
  func id(ofToken text: String) -> Int? {
    addedIDs[Array(text.utf8)] ?? id(inVocabulary: text)
  }

  /// Ids are given once; a gap is an id that no text has.
  mutating func place(_ bytes: [UInt8]?, at id: Int, path: String) throws(TokenizerError) {
    guard id < Self.tokenLimit else {
      throw .value(path: path, expected: "an id below \(Self.tokenLimit)", found: "\(id)")
    }
    guard givenIDs.insert(id).inserted else {
      throw .value(path: path, expected: "a unique id", found: "\(id)")
    }
    while tokenBytes.count <= id { tokenBytes.append(nil) }
    tokenBytes[id] = bytes
  }

  // MARK: - Around the model

  /// `Split` by the pattern that is known, then bytes.
  private static func checkPreTokenizer(_ object: JSONObject) throws(TokenizerError) {
    var sequence = object
    try expect(&sequence, "type", .string("Sequence"))
    let parts = try TokenizerError.reading(sequence.objects("pretokenizers"))
    guard parts.count == 2 else {
      throw .unsupported(path: "pre_tokenizer", found: "\(parts.count) parts")
    }
    var (split, bytes) = (parts[0], parts[1])
    try expect(&split, "type", .string("Split"))
    var pattern = try TokenizerError.reading(split.object("pattern"))
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

  /// `ByteLevel`, by itself or as a sequence of one.
  private static func checkDecoder(_ object: JSONObject) throws(TokenizerError) {
    var decoder = object
    if let decoders = try TokenizerError.reading(decoder.objectsIfPresent("decoders")) {
      try expect(&decoder, "type", .string("Sequence"))
      guard decoders.count == 1 else {
        throw .unsupported(path: "decoder", found: "\(decoders.count) parts")
      }
      try expectNoMore(decoder)
      decoder = decoders[0]
    }
    try checkByteLevel(decoder)
  }

  /// A decoder or a post-processor of bytes: what it can be set to says nothing about ids or text.
  static func checkByteLevel(_ object: JSONObject) throws(TokenizerError) {
    var object = object
    try expect(&object, "type", .string("ByteLevel"))
    for key in ["add_prefix_space", "trim_offsets", "use_regex"] { _ = object.takeIfPresent(key) }
    try expectNoMore(object)
  }

  // MARK: - Reading

  static func expect(
    _ object: inout JSONObject, _ key: String, _ expected: JSONValue
  ) throws(TokenizerError) {
    let found = object.takeIfPresent(key) ?? .null
    guard found == expected else {
      throw .unsupported(path: object.path(of: key), found: text(found))
    }
  }

  static func expectNothing(_ object: inout JSONObject, _ key: String) throws(TokenizerError) {
    try expect(&object, key, .null)
  }

  /// A member that is not known is not supported, unless it is null.
  static func expectNoMore(_ object: JSONObject) throws(TokenizerError) {
    var object = object
    for key in object.remainingKeys {
      if let value = object.takeIfPresent(key), value != .null {
        throw .unsupported(path: object.path(of: key), found: "present")
      }
    }
  }

  /// A value in a message.
  static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value { return text }
    return String(decoding: value.canonicalBytes.prefix(200), as: UTF8.self)
  }
}
