/// A pattern over full tensor names: `*` is any run of characters, dots too, `?` is one character.
public struct GlobPattern: Equatable, Sendable, CustomStringConvertible {
  /// The text, kept as the recipe writes it.
  public let description: String
  private let pattern: [Unicode.Scalar]

  /// A pattern from its text.
  public init(_ text: String) {
    description = text
    pattern = Array(text.unicodeScalars)
  }

  /// Whether the whole of `name` matches, case-sensitively.
  ///
  /// - Complexity: O(pattern · name): a star is retried one character further, and only the last
  ///   one ever needs to be.
  public func matches(_ name: String) -> Bool {
    let name = Array(name.unicodeScalars)
    var (inPattern, inName) = (0, 0)
    var retry: (pattern: Int, name: Int)?
    while inName < name.count {
      if inPattern < pattern.count, pattern[inPattern] == "*" {
        retry = (inPattern + 1, inName)
        inPattern += 1
      } else if inPattern < pattern.count,
        pattern[inPattern] == "?" || pattern[inPattern] == name[inName]
      {
        inPattern += 1
        inName += 1
      } else if let (afterStar, covered) = retry {
        retry = (afterStar, covered + 1)
        (inPattern, inName) = (afterStar, covered + 1)
      } else {
        return false
      }
    }
    return pattern[inPattern...].allSatisfy { $0 == "*" }
  }
}
