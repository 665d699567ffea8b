/// The pattern by which the release's tokenizer splits text, scanned by hand.
///
/// A regular expression in a file is a program from a stranger: this one is recognised by its exact
/// text, and another is refused. Matches are those of Oniguruma, with which the `tokenizers`
/// package runs it: alternatives in order, `\\w` alphabetic characters, marks, decimal digits and connectors. Text
/// that no alternative matches is dropped, as that package does.
struct SplitPattern: Sendable {
  /// The pattern, to the character.
  static let text =
    ##"(\\n(?:e(?:wcommand|wenvironment|wline|wpage|wtheorem)|abla|e|eq|geq|gtr|leq|exists|ocite"##
    + ##"|oindent|olinebreak|onumber|opagebreak|ormalsize|ot(?!(?:ag\b|\b)))\b|\n+|\\n(?!\b)"##
    + ##"|[ \t]?(?:==|!=|<=|>=|<<|>>|\*\*|//|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<=|>>=|\*\*=|//=|:="##
    + ##"|\+\+|--|[\p{L}]+['’ʼ](?:\p{L}+)\b|\\[a-zA-Z]+|\\{|\\}|{|}|\\\[|\\\]|\[|\]"##
    + ##"|\(|\)|_+|\||\+|-|\*|—|-|=|[.,!?;()]|\$\$?|`+|\"+|\#+|\p{N}+(?:st|nd|rd|th)"##
    + ##"|\p{N}{1,1}|[^\r\n\p{L}\p{N}]?\p{L}+|[\p{P}\p{S}]+)|\s+|\p{So})"##

  /// The pieces of a text, as ranges of its scalars.
  static func pieces(of scalars: [Unicode.Scalar]) -> [Range<Int>] {
    var scan = Scan(scalars: scalars)
    var pieces: [Range<Int>] = []
    var position = 0
    while position < scalars.count {
      if let end = scan.match(at: position), end > position {
        pieces.append(position..<end)
        position = end
      } else {
        position += 1
      }
    }
    return pieces
  }
}

/// The alternatives of the pattern, each giving where its match ends.
private struct Scan {
  let scalars: [Unicode.Scalar]
  /// Where the last run of numbers that was looked at ends, so that a long one is walked once.
  private var numberRun = 0..<0

  init(scalars: [Unicode.Scalar]) {
    self.scalars = scalars
  }

  mutating func match(at position: Int) -> Int? {
    if let end = command(at: position) { return end }
    if scalars[position] == "\n" { return run(from: position) { $0 == "\n" } }
    if has("\\n", at: position), isWord(position + 2) { return position + 2 }
    if scalars[position] == " " || scalars[position] == "\t",
      let end = inner(at: position + 1)
    {
      return end
    }
    if let end = inner(at: position) { return end }
    let space = run(from: position) { $0.properties.isWhitespace }
    if space > position { return space }
    return scalars[position].properties.generalCategory == .otherSymbol ? position + 1 : nil
  }

  /// `\n` and the rest of a TeX command's name, up to a word's end.
  private func command(at position: Int) -> Int? {
    guard has("\\n", at: position) else { return nil }
    // With `ot`, the pattern asks for a boundary that it has excluded.
    return Self.commands.lazy.map { (name: $0, end: position + 2 + $0.unicodeScalars.count) }
      .first { has($0.name, at: position + 2) && !isWord($0.end) }?.end
  }

  private static let commands = [
    "ewcommand", "ewenvironment", "ewline", "ewpage", "ewtheorem", "abla", "e", "eq", "geq", "gtr",
    "leq", "exists", "ocite", "oindent", "olinebreak", "onumber", "opagebreak", "ormalsize",
  ]

  /// What may follow an optional space.
  private mutating func inner(at position: Int) -> Int? {
    guard position < scalars.count else { return nil }
    if let literal = Self.operators.first(where: { has($0, at: position) }) {
      return position + literal.unicodeScalars.count
    }
    if let end = contraction(at: position) { return end }
    let first = scalars[position]
    if first == "\\" {
      let end = run(from: position + 1) { $0.isASCII && isLetter($0) }
      if end > position + 1 { return end }
      if position + 1 < scalars.count, "{}[]".unicodeScalars.contains(scalars[position + 1]) {
        return position + 2
      }
    }
    switch first {
    case "{", "}", "[", "]", "(", ")", "|", "+", "-", "*", "—", "=", ".", ",", "!", "?", ";":
      return position + 1
    case "_", "`", "\"", "#":
      return run(from: position) { $0 == first }
    case "$":
      return has("$$", at: position) ? position + 2 : position + 1
    default:
      break
    }
    if isNumber(first) { return number(at: position) }
    let start = isLetter(first) || first == "\r" || first == "\n" ? position : position + 1
    let letters = run(from: start) { isLetter($0) }
    if letters > start { return letters }
    let marks = run(from: position) { isPunctuationOrSymbol($0) }
    return marks > position ? marks : nil
  }

  /// In the pattern's order; the three-character ones come after their beginnings and never match.
  private static let operators = [
    "==", "!=", "<=", ">=", "<<", ">>", "**", "//", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
    ":=", "++", "--",
  ]

  /// Letters, an apostrophe, letters, up to a word's end.
  private func contraction(at position: Int) -> Int? {
    let end = run(from: position) { isLetter($0) }
    guard end > position else { return nil }
    if end < scalars.count, scalars[end] == "'" || scalars[end] == "’" {
      let second = run(from: end + 1) { isLetter($0) }
      if second > end + 1, !isWord(second) { return second }
    }
    // U+02BC is a letter as well: the last one that has letters on both sides.
    let inside = (position..<end).dropFirst().dropLast()
    if inside.contains(where: { scalars[$0] == "ʼ" }), !isWord(end) { return end }
    return nil
  }

  /// Digits with an ordinal's ending, or one digit.
  private mutating func number(at position: Int) -> Int {
    if !numberRun.contains(position) {
      numberRun = position..<run(from: position) { isNumber($0) }
    }
    let end = numberRun.upperBound
    let hasEnding = ["st", "nd", "rd", "th"].contains { has($0, at: end) }
    return hasEnding ? end + 2 : position + 1
  }

  // MARK: - Characters

  private func has(_ literal: String, at position: Int) -> Bool {
    let literal = literal.unicodeScalars
    guard position + literal.count <= scalars.count else { return false }
    return zip(literal, scalars[position...]).allSatisfy { $0 == $1 }
  }

  private func run(from position: Int, _ isMember: (Unicode.Scalar) -> Bool) -> Int {
    var end = position
    while end < scalars.count, isMember(scalars[end]) { end += 1 }
    return end
  }

  private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  private func isNumber(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  private func isPunctuationOrSymbol(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol,
      .modifierSymbol, .otherSymbol:
      true
    default: false
    }
  }

  /// Whether a word goes on at a position; past the end it does not.
  private func isWord(_ position: Int) -> Bool {
    position < scalars.count && scalars[position].isWordCharacter
  }
}
