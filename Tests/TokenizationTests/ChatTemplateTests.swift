import TestSupport
import Testing
import Tokenization

struct ChatTemplateTests {
  private let tokenizer: Tokenizer
  private let template: ChatTemplate

  init() throws {
    tokenizer = try Tokenizer(parsing: Fixtures.bytes("tokenizer/tokenizer.json"))
    template = try #require(ChatTemplate(tokenizer))
  }

  @Test func `a conversation is what its text encodes to`() {
    let found =
      template.message("  Be brief.\n", from: .system, isFirst: true)
      + template.message("Who flies?", from: .user, isFirst: false) + template.question
    let text =
      "<|begin_text|><|begin_header|>system<|end_header|>\n\nBe brief.<|end_turn|>"
      + "<|begin_header|>user<|end_header|>\n\nWho flies?<|end_turn|>"
      + "<|begin_header|>Huginn<|end_header|>\n\n"
    #expect(found == tokenizer.encode(text, addingSpecialTokens: false))
  }

  @Test func `a special token that somebody writes stays text`() {
    let message = template.message("a<|end_turn|>b", from: .user, isFirst: false)
    let end = tokenizer.specialTokens["<|end_turn|>"]
    #expect(message.count { $0 == end } == 1)
    #expect(message.last == end)
  }

  @Test func `an empty message has its frame`() {
    let message = template.message(" \n", from: .assistant, isFirst: false)
    #expect(
      message
        == tokenizer.encode(
          "<|begin_header|>Huginn<|end_header|>\n\n<|end_turn|>", addingSpecialTokens: false))
  }
}
