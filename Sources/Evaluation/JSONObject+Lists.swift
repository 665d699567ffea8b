import StrictJSON

extension JSONObject {
  /// Takes an array of integers from 0.
  mutating func counts(_ key: String) throws(JSONError) -> [Int] {
    try list(key).map { value throws(JSONError) in
      guard case .integer(let count) = value, count >= 0 else {
        throw .wrongKind(
          path: path(of: key), expected: "non-negative integers", found: "another value")
      }
      return count
    }
  }

  /// Takes an array of numbers.
  mutating func numbers(_ key: String) throws(JSONError) -> [Double] {
    try list(key).map { value throws(JSONError) in
      switch value {
      case .integer(let integer): return Double(integer)
      case .number(let number): return number
      default:
        throw .wrongKind(path: path(of: key), expected: "numbers", found: "another value")
      }
    }
  }

  /// Takes an array of strings.
  mutating func strings(_ key: String) throws(JSONError) -> [String] {
    try list(key).map { value throws(JSONError) in
      guard case .string(let text) = value else {
        throw .wrongKind(path: path(of: key), expected: "strings", found: "another value")
      }
      return text
    }
  }

  private mutating func list(_ key: String) throws(JSONError) -> [JSONValue] {
    guard case .array(let values) = try take(key) else {
      throw .wrongKind(path: path(of: key), expected: "an array", found: "another value")
    }
    return values
  }
}
