/// The release's way to write a conversation.
///
/// Each message is a header with the role, two line feeds, the trimmed content and an end; the
/// assistant is called Huginn. These rules are built in: a template that lies beside the tokenizer
/// is a program from a stranger and is not interpreted.
public struct ChatTemplate: Sendable {
  /// Who speaks.
  public enum Role: String, Sendable {
    case system, user
    case assistant = "Huginn"
  }

  private let tokenizer: Tokenizer
  private let beginText: Int
  private let beginHeader: Int
  private let endHeader: Int
  private let endTurn: Int

  /// The template of a tokenizer; nil if it lacks one of the tokens.
  public init?(_ tokenizer: Tokenizer) {
    func token(_ name: String) -> Int? { tokenizer.specialTokens["<|\(name)|>"] }
    guard let beginText = token("begin_text"), let beginHeader = token("begin_header"),
      let endHeader = token("end_header"), let endTurn = token("end_turn")
    else { return nil }
    self.tokenizer = tokenizer
    self.beginText = beginText
    self.beginHeader = beginHeader
    self.endHeader = endHeader
    self.endTurn = endTurn
  }

  /// The tokens of one message; the first of a conversation begins the text.
  ///
  /// Special tokens that are written in the content stay text.
  public func message(_ content: String, from role: Role, isFirst: Bool) -> [Int] {
    let start = content.firstIndex { !$0.isWhitespace } ?? content.endIndex
    let end = content.lastIndex { !$0.isWhitespace }.map { content.index(after: $0) } ?? start
    return (isFirst ? [beginText] : []) + header(role)
      + tokenizer.encodePlainText("\n\n" + content[start..<end]) + [endTurn]
  }

  /// What ends an answer.
  public var endOfTurn: [Int] { [endTurn] }

  /// The tokens that ask for an answer.
  public var question: [Int] { header(.assistant) + tokenizer.encodePlainText("\n\n") }

  private func header(_ role: Role) -> [Int] {
    [beginHeader] + tokenizer.encodePlainText(role.rawValue) + [endHeader]
  }
}
