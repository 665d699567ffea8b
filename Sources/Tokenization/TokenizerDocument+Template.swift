import StrictJSON

/// What is put around a text.
extension TokenizerDocument {
  /// The maximum number of tokens before every text; the release's template has one.
  static let prefixLimit = 256

  /// The tokens of the template before the text; a note of those after it.
  mutating func readPostProcessor(_ value: JSONValue) throws(TokenizerError) {
    let templates = try Self.templates(in: value, path: "post_processor")
    guard let template = templates.first else { return }
    guard templates.count == 1 else {
      throw .unsupported(path: "post_processor", found: "\(templates.count) templates")
    }
    try readTemplate(template)
  }

  /// The templates of a post-processor: itself, those of a sequence, or none if it only moves
  /// offsets.
  private static func templates(
    in value: JSONValue, path: String
  ) throws(TokenizerError) -> [JSONObject] {
    if value == .null { return [] }
    let whole = try TokenizerError.reading(JSONObject(value, path: path))
    var object = whole
    let type = object.takeIfPresent("type") ?? .null
    switch type {
    case "TemplateProcessing":
      return [object]
    case "ByteLevel":
      try checkByteLevel(whole)
      return []
    case "Sequence":
      let processors = try TokenizerError.reading(object.take("processors"))
      guard case .array(let elements) = processors else {
        throw .value(
          path: object.path(of: "processors"), expected: "an array",
          found: processors.kind.described)
      }
      try expectNoMore(object)
      var found: [JSONObject] = []
      for (index, element) in elements.enumerated() {
        found += try templates(in: element, path: "\(path).processors[\(index)]")
      }
      return found
    default:
      throw .unsupported(path: object.path(of: "type"), found: text(type))
    }
  }

  private mutating func readTemplate(_ object: JSONObject) throws(TokenizerError) {
    var template = object
    var (parts, tokens) = try TokenizerError.reading { () throws(JSONError) in
      (try template.objects("single"), try template.object("special_tokens"))
    }
    // A pair of texts is never encoded.
    _ = template.takeIfPresent("pair")
    try Self.expectNoMore(template)
    var hasText = false
    var appended: [String] = []
    // A template may name a token, which may stand for many, again and again.
    var known: [String: [Int]] = [:]
    for index in parts.indices {
      let path = parts[index].path
      switch parts[index].remainingKeys {
      case ["Sequence"] where !hasText:
        hasText = true
      case ["SpecialToken"]:
        let name = try TokenizerError.reading { () throws(JSONError) in
          var token = try parts[index].object("SpecialToken")
          return try token.string("id")
        }
        if hasText {
          appended.append(name)
          continue
        }
        let ids = if let ids = known[name] { ids } else { try ids(of: name, in: &tokens) }
        known[name] = ids
        guard ids.count <= Self.prefixLimit - prefix.count else {
          throw .value(
            path: template.path(of: "single"),
            expected: "at most \(Self.prefixLimit) tokens before the text", found: "more")
        }
        prefix += ids
      default:
        throw .unsupported(
          path: path, found: parts[index].remainingKeys.joined(separator: " and "))
      }
    }
    guard hasText else {
      throw .unsupported(path: template.path(of: "single"), found: "a template without the text")
    }
    if !appended.isEmpty { notes.append(.appendedTokens(appended)) }
  }

  /// The ids that a template gives for one of its names, which must be those of the tokens that it
  /// lists beside them.
  private func ids(
    of name: String, in tokens: inout JSONObject
  ) throws(TokenizerError) -> [Int] {
    let (path, ids, texts) = try TokenizerError.reading { () throws(JSONError) in
      var token = try tokens.object(name)
      return (token.path, try token.take("ids"), try token.take("tokens"))
    }
    guard case .array(let elements) = texts else {
      throw .value(
        path: "\(path).tokens", expected: "an array", found: texts.kind.described)
    }
    var expected: [Int] = []
    for element in elements {
      guard case .string(let text) = element, let id = id(ofToken: text) else {
        throw .value(path: "\(path).tokens", expected: "tokens", found: Self.text(element))
      }
      expected.append(id)
    }
    guard ids == .array(expected.map { .integer($0) }) else {
      throw .value(path: "\(path).ids", expected: "\(expected)", found: Self.text(ids))
    }
    return expected
  }
}
