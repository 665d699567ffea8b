import Integrity
import StrictJSON

extension Statement {
  /// Reads a statement whose signature has been checked.
  ///
  /// Members that are not asked for are left alone, as in-toto and the predicate demand.
  ///
  /// - Throws: ``StatementError``.
  public init(parsing bytes: [UInt8]) throws(StatementError) {
    var statement = try StatementError.reading(JSONObject(JSONValue(parsing: bytes)))
    try Self.expect(Self.type, "_type", of: &statement)
    try Self.expect(Self.predicateType, "predicateType", of: &statement)
    let subjects = try StatementError.reading(statement.objects("subject"))
    guard subjects.count == 1, var subject = subjects.first else {
      throw .subjectCount(subjects.count)
    }
    let name = try StatementError.reading(subject.string("name"))
    var digests = try StatementError.reading(subject.object("digest"))
    let root = try Self.digest(Self.algorithm, of: &digests)

    var predicate = try StatementError.reading(statement.object("predicate"))
    var serialization = try StatementError.reading(predicate.object("serialization"))
    try Self.expect(Self.method, "method", of: &serialization)
    try Self.expect(Self.algorithm, "hash_type", of: &serialization)
    let allowsLinks = try StatementError.reading(serialization.boolean("allow_symlinks"))
    let ignored = try Self.ignoredPaths(of: &serialization)
    self.init(
      subject: name, allowsLinks: allowsLinks, ignoredPaths: ignored,
      resources: try Self.resources(of: &predicate))
    guard rootDigest == root else { throw .rootDigest(expected: root, found: rootDigest) }
  }

  private static func resources(
    of predicate: inout JSONObject
  ) throws(StatementError) -> [Resource] {
    var names: Set<String> = []
    let entries = try StatementError.reading(predicate.objects("resources"))
    return try entries.map { entry throws(StatementError) in
      var entry = entry
      try expect(algorithm, "algorithm", of: &entry)
      let name = try StatementError.reading(entry.string("name"))
      guard isInside(name) else { throw .name(name, path: entry.path(of: "name")) }
      guard names.insert(name).inserted else { throw .duplicate(name: name) }
      return Resource(name: name, digest: try digest("digest", of: &entry))
    }
  }

  /// Whether a path stays inside the directory that it is looked for in.
  private static func isInside(_ path: String) -> Bool {
    let components = path.unicodeScalars.split(
      separator: "/", omittingEmptySubsequences: false)
    return path.unicodeScalars.allSatisfy { $0 != "\0" }
      && components.allSatisfy { !["", ".", ".."].contains(String($0)) }
  }

  private static func ignoredPaths(
    of serialization: inout JSONObject
  ) throws(StatementError) -> [String] {
    let key = "ignore_paths"
    guard let value = serialization.takeIfPresent(key) else { return [] }
    guard case .array(let elements) = value else {
      throw .ignoredPaths(path: serialization.path(of: key))
    }
    return try elements.map { element throws(StatementError) in
      guard case .string(let text) = element else {
        throw .ignoredPaths(path: serialization.path(of: key))
      }
      return text
    }
  }

  private static func expect(
    _ expected: String, _ key: String, of object: inout JSONObject
  ) throws(StatementError) {
    let found = try StatementError.reading(object.string(key))
    guard found == expected else {
      throw .value(path: object.path(of: key), expected: expected, found: found)
    }
  }

  private static func digest(
    _ key: String, of object: inout JSONObject
  ) throws(StatementError) -> Digest {
    let text = try StatementError.reading(object.string(key))
    guard let digest = Digest(hexadecimal: text) else {
      throw .digest(path: object.path(of: key), found: text)
    }
    return digest
  }
}
