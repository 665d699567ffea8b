/// One pass that cuts added tokens out of a text, as the `tokenizers` package does.
///
/// Matches are the leftmost, and the longest of those, and don't overlap. A match that a word
/// beside it rules out still covers what it matched. White space that a token takes on its right is
/// still searched for tokens; one that takes white space on its left and has nothing left does not
/// match.
struct AddedTokenPass: Sendable {
  /// What a text falls into.
  enum Part: Sendable {
    case text(ArraySlice<Unicode.Scalar>)
    case token(Int)
  }

  private let tokens: [AddedToken]
  private let counts: [Int]
  private let words: LongestWords

  /// A pass for some tokens, no two of the same content.
  init(_ tokens: [AddedToken]) {
    let contents = tokens.map { Array($0.content.unicodeScalars) }
    self.tokens = tokens
    counts = contents.map(\.count)
    words = LongestWords(contents)
  }

  /// The parts of a text, in order; none is empty.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - specialsAreText: whether special tokens are left in the text.
  /// - Returns: stretches of the text and ids.
  /// - Complexity: O(n) for n scalars.
  func parts(of text: ArraySlice<Unicode.Scalar>, specialsAreText: Bool) -> [Part] {
    guard !tokens.isEmpty else { return text.isEmpty ? [] : [.text(text)] }
    let matches = words.longest(in: text)
    var parts: [Part] = []
    var space = text.startIndex..<text.startIndex
    var start = text.startIndex
    var position = start
    while position < text.endIndex {
      let match = Int(matches[position - text.startIndex])
      guard match >= 0 else {
        position += 1
        continue
      }
      let token = tokens[match]
      var (first, end) = (position, position + counts[match])
      position = end
      if specialsAreText && token.isSpecial { continue }
      if token.isSingleWord, isWord(first - 1, of: text) || isWord(end, of: text) { continue }
      if token.stripsLeft {
        // No further than the last token: what that one took is not taken again.
        while first > start, text[first - 1].properties.isWhitespace { first -= 1 }
        first = max(first, start)
      }
      if token.stripsRight {
        // A run is walked once, however many tokens stand in it.
        if !space.contains(end) { space = end..<endOfSpace(from: end, in: text) }
        end = space.upperBound
      }
      guard first < end else { continue }
      if start < first { parts.append(.text(text[start..<first])) }
      parts.append(.token(token.id))
      start = end
    }
    if start < text.endIndex { parts.append(.text(text[start...])) }
    return parts
  }

  private func endOfSpace(from position: Int, in text: ArraySlice<Unicode.Scalar>) -> Int {
    text[position...].firstIndex { !$0.properties.isWhitespace } ?? text.endIndex
  }

  /// `\w` of Rust's regular expressions.
  private func isWord(_ position: Int, of text: ArraySlice<Unicode.Scalar>) -> Bool {
    guard text.indices.contains(position) else { return false }
    return text[position].isWordCharacter || text[position].properties.isJoinControl
  }
}
