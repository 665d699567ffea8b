public import StrictJSON

extension LatentTrace {
  /// The most bytes that a file of a trace has.
  public static let byteLimit = 64 << 20

  /// The version of the file's shape.
  public static let version = 1

  /// The members of the file.
  public var json: [String: JSONValue] {
    [
      "trace": .integer(Self.version), "models": .array(models.map { .string($0) }),
      "recurrences": .integer(recurrences),
      "explained": .array(explained.map { .number($0) }),
      "tokens": .array(tokens.map(\.json)),
    ]
  }

  /// Reads a file.
  ///
  /// - Throws: `JSONError`.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var document = try JSONObject(try JSONValue(parsing: bytes))
    let version = try document.count("trace")
    guard version == Self.version else {
      throw .wrongKind(path: "trace", expected: "\(Self.version)", found: "\(version)")
    }
    let models = try document.strings("models")
    var tokens: [Token] = []
    for var token in try document.objects("tokens") {
      var paths: [Path] = []
      for var path in try token.objects("paths") { paths.append(try Path(reading: &path)) }
      guard paths.count == models.count else {
        throw .wrongKind(
          path: token.path(of: "paths"), expected: "\(models.count) of them",
          found: "\(paths.count)")
      }
      tokens.append(
        Token(token: try token.count("token"), text: try token.string("text"), paths: paths))
    }
    self.init(
      models: models, recurrences: try document.count("recurrences"),
      explained: try document.numbers("explained"), tokens: tokens)
  }
}

extension LatentTrace.Token {
  fileprivate var json: JSONValue {
    [
      "token": .integer(token), "text": .string(text), "paths": .array(paths.map(\.json)),
    ]
  }
}

extension LatentTrace.Path {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "kind": .string(motion.kind.rawValue), "steps": .array(motion.steps.map { .number($0) }),
      "final_step": .number(motion.finalStep), "decay": .number(motion.decay),
      "straightness": .number(motion.straightness),
      "points": .array(points.map { ["at": .array($0.map { .number($0) })] }),
    ]
    if let period = motion.period { members["period"] = .integer(period) }
    if let error = motion.recurrenceError { members["recurrence_error"] = .number(error) }
    return .object(members)
  }

  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    var points: [[Double]] = []
    for var point in try object.objects("points") { points.append(try point.numbers("at")) }
    self.init(
      motion: Motion(
        steps: try object.numbers("steps"), finalStep: try object.number("final_step"),
        decay: try object.number("decay"), straightness: try object.number("straightness"),
        period: try object.countIfPresent("period"),
        recurrenceError: try object.numberIfPresent("recurrence_error")),
      points: points)
  }
}
