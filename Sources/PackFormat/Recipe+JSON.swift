public import Quantization
public import HuginnModel
public import StrictJSON

extension Recipe {
  /// The longest recipe file, in bytes.
  public static let byteLimit = 1 << 20

  /// The normalised recipe as a manifest has it.
  public var json: JSONValue {
    var members: [String: JSONValue] = ["weights": .string(weights.description)]
    if !stages.isEmpty {
      members["stages"] = .object(
        Dictionary(
          uniqueKeysWithValues: stages.map { ($0.key.rawValue, .string($0.value.description)) }))
    }
    if !overrides.isEmpty {
      members["tensors"] = .array(
        overrides.map {
          [
            "pattern": .string($0.pattern.description),
            "encoding": .string($0.encoding.description),
          ]
        })
    }
    return .object(members)
  }

  /// Reads the bytes of a recipe file.
  ///
  /// - Throws: ``RecipeError``.
  public init(parsing bytes: [UInt8]) throws(RecipeError) {
    try self.init(try RecipeError.reading(JSONValue(parsing: bytes)))
  }

  /// Reads a recipe, normalised or not; every member may be absent.
  ///
  /// - Throws: ``RecipeError``.
  public init(_ json: JSONValue) throws(RecipeError) {
    let names = try RecipeError.reading(Names(json))
    var stages: [Stage: Encoding] = [:]
    for (name, encoding) in names.stages {
      guard let stage = Stage(rawValue: name) else { throw .unknownStage(name) }
      stages[stage] = try Self.encoding(encoding)
    }
    var overrides: [Override] = []
    for (pattern, encoding) in names.overrides {
      overrides.append(
        Override(pattern: GlobPattern(pattern), encoding: try Self.encoding(encoding)))
    }
    self.init(
      weights: try names.weights.map { name throws(RecipeError) in try Self.encoding(name) }
        ?? .int8, stages: stages, overrides: overrides)
  }

  /// This recipe, with what a caller names put over it.
  ///
  /// - Parameters:
  ///   - weights: replaces the recipe's.
  ///   - stages: replace the recipe's, stage by stage.
  ///   - overrides: follow the recipe's.
  /// - Returns: the recipe that both say together.
  public func overridden(
    weights: Encoding?, stages: [Stage: Encoding], overrides: [Override]
  ) -> Recipe {
    Recipe(
      weights: weights ?? self.weights, stages: self.stages.merging(stages) { $1 },
      overrides: self.overrides + overrides)
  }

  private static func encoding(_ name: String) throws(RecipeError) -> Encoding {
    do throws(EncodingError) {
      return try Encoding(name)
    } catch {
      throw .encoding(error)
    }
  }

  /// A recipe's members as text.
  private struct Names {
    var weights: String?
    var stages: [(stage: String, encoding: String)] = []
    var overrides: [(pattern: String, encoding: String)] = []

    init(_ json: JSONValue) throws(JSONError) {
      var document = try JSONObject(json, path: "recipe")
      weights = try document.stringIfPresent("weights")
      if var members = try document.objectIfPresent("stages") {
        for key in members.remainingKeys { stages.append((key, try members.string(key))) }
      }
      for var entry in try document.objectsIfPresent("tensors") ?? [] {
        overrides.append((try entry.string("pattern"), try entry.string("encoding")))
        try entry.finish()
      }
      try document.finish()
    }
  }
}

extension Recipe.Override {
  /// An override as the command line writes it, `GLOB=ENC`.
  ///
  /// - Throws: ``RecipeError``.
  public init(argument: String) throws(RecipeError) {
    // Encodings have no '=', names could: the last one separates.
    guard let separator = argument.lastIndex(of: "="), separator != argument.startIndex else {
      throw .notAnOverride(argument)
    }
    do throws(EncodingError) {
      self.init(
        pattern: GlobPattern(String(argument[..<separator])),
        encoding: try Encoding(String(argument[argument.index(after: separator)...])))
    } catch {
      throw .encoding(error)
    }
  }
}
