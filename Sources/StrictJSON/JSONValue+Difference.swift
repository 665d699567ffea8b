extension JSONValue {
  /// A place in which two documents differ.
  public struct Difference: Equatable, Sendable {
    /// The member, such as `tensors[3].planes[0].offset`; empty for the document.
    public let path: String
    /// What the other document has there, as JSON text.
    public let expected: String
    /// What this document has there.
    public let found: String
  }

  /// The first place, keys in order, in which this is not `expected`.
  public func firstDifference(from expected: JSONValue) -> Difference? {
    difference(from: expected, path: "")
  }

  private func difference(from expected: JSONValue, path: String) -> Difference? {
    if self == expected { return nil }
    switch (self, expected) {
    case (.object(let found), .object(let expected)):
      for key in Set(found.keys).union(expected.keys).sorted() {
        let path = path.isEmpty ? key : "\(path).\(key)"
        guard let found = found[key], let expected = expected[key] else {
          return Difference(
            path: path, expected: expected[key]?.abbreviatedText ?? "no such key",
            found: found[key]?.abbreviatedText ?? "missing")
        }
        if let difference = found.difference(from: expected, path: path) { return difference }
      }
      return nil
    case (.array(let found), .array(let expected)) where found.count == expected.count:
      for (index, pair) in zip(found, expected).enumerated() {
        if let difference = pair.0.difference(from: pair.1, path: "\(path)[\(index)]") {
          return difference
        }
      }
      return nil
    default:
      // 5 and 5.0 are one number.
      let (found, wanted) = (canonicalBytes, expected.canonicalBytes)
      guard found != wanted else { return nil }
      return Difference(
        path: path, expected: expected.abbreviatedText, found: abbreviatedText)
    }
  }

  private var abbreviatedText: String {
    let text = String(decoding: canonicalBytes, as: UTF8.self)
    return text.count <= 100 ? text : text.prefix(100) + "…"
  }
}
