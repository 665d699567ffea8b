/// An object being read member by member, which knows what has not been read.
///
/// Errors name the member by its path, such as `tensors[3].planes[0].offset`.
public struct JSONObject {
  /// The path of the object in its document; empty for the document itself.
  public let path: String
  private var members: [String: JSONValue]

  /// The object that `value` is.
  ///
  /// - Throws: ``JSONError/wrongKind(path:expected:found:)``.
  public init(_ value: JSONValue, path: String = "") throws(JSONError) {
    guard case .object(let members) = value else {
      throw .wrongKind(
        path: path.isEmpty ? "the document" : path, expected: "an object",
        found: value.described)
    }
    self.path = path
    self.members = members
  }

  /// The keys not taken yet, sorted.
  public var remainingKeys: [String] { members.keys.sorted() }

  /// Takes a member, or nil if it is absent.
  public mutating func takeIfPresent(_ key: String) -> JSONValue? {
    members.removeValue(forKey: key)
  }

  /// Takes a member that must be there.
  public mutating func take(_ key: String) throws(JSONError) -> JSONValue {
    guard let value = members.removeValue(forKey: key) else {
      throw .missingKey(path: path, key: key)
    }
    return value
  }

  /// Takes a string.
  public mutating func string(_ key: String) throws(JSONError) -> String {
    guard let value = try stringIfPresent(key) else { throw .missingKey(path: path, key: key) }
    return value
  }

  /// Takes a string, or nil if the key is absent.
  public mutating func stringIfPresent(_ key: String) throws(JSONError) -> String? {
    guard let value = takeIfPresent(key) else { return nil }
    guard case .string(let text) = value else { throw wrongKind(key, "a string", value) }
    return text
  }

  /// Takes an integer, zero or positive.
  public mutating func count(_ key: String) throws(JSONError) -> Int {
    guard let value = try countIfPresent(key) else { throw .missingKey(path: path, key: key) }
    return value
  }

  /// Takes an integer, zero or positive, or nil if the key is absent.
  public mutating func countIfPresent(_ key: String) throws(JSONError) -> Int? {
    guard let value = takeIfPresent(key) else { return nil }
    guard case .integer(let count) = value, count >= 0 else {
      throw wrongKind(key, "a non-negative integer", value)
    }
    return count
  }

  /// Takes a number.
  public mutating func number(_ key: String) throws(JSONError) -> Double {
    guard let value = try numberIfPresent(key) else { throw .missingKey(path: path, key: key) }
    return value
  }

  /// Takes a number, or nil if the key is absent.
  public mutating func numberIfPresent(_ key: String) throws(JSONError) -> Double? {
    guard let value = takeIfPresent(key) else { return nil }
    switch value {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: throw wrongKind(key, "a number", value)
    }
  }

  /// Takes a boolean.
  public mutating func boolean(_ key: String) throws(JSONError) -> Bool {
    guard let value = try booleanIfPresent(key) else { throw .missingKey(path: path, key: key) }
    return value
  }

  /// Takes a boolean, or nil if the key is absent.
  public mutating func booleanIfPresent(_ key: String) throws(JSONError) -> Bool? {
    guard let value = takeIfPresent(key) else { return nil }
    guard case .boolean(let truth) = value else { throw wrongKind(key, "true or false", value) }
    return truth
  }

  /// Takes an object.
  public mutating func object(_ key: String) throws(JSONError) -> JSONObject {
    try JSONObject(try take(key), path: path(of: key))
  }

  /// Takes an object, or nil if the key is absent.
  public mutating func objectIfPresent(_ key: String) throws(JSONError) -> JSONObject? {
    guard let value = takeIfPresent(key) else { return nil }
    return try JSONObject(value, path: path(of: key))
  }

  /// Takes an array of objects.
  public mutating func objects(_ key: String) throws(JSONError) -> [JSONObject] {
    guard let objects = try objectsIfPresent(key) else { throw .missingKey(path: path, key: key) }
    return objects
  }

  /// Takes an array of objects, or nil if the key is absent.
  public mutating func objectsIfPresent(_ key: String) throws(JSONError) -> [JSONObject]? {
    guard let value = takeIfPresent(key) else { return nil }
    guard case .array(let elements) = value else { throw wrongKind(key, "an array", value) }
    var objects: [JSONObject] = []
    objects.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      objects.append(try JSONObject(element, path: "\(path(of: key))[\(index)]"))
    }
    return objects
  }

  /// Checks that every member was taken.
  ///
  /// - Throws: ``JSONError/unknownKey(path:key:)``.
  public func finish() throws(JSONError) {
    if let key = remainingKeys.first { throw .unknownKey(path: path, key: key) }
  }

  /// The path of a member.
  public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func wrongKind(_ key: String, _ expected: String, _ value: JSONValue) -> JSONError {
    .wrongKind(path: path(of: key), expected: expected, found: value.described)
  }
}

extension JSONValue {
  /// A scalar by its value, anything else by its kind.
  fileprivate var described: String {
    switch self {
    case .integer(let value): "\(value)"
    // Not the canonical form, in which 5.0, no integer here, would read 5.
    case .number(let value): "\(value)"
    case .notFinite(let value): value.rawValue
    case .boolean(let value): "\(value)"
    default: kind.described
    }
  }
}
