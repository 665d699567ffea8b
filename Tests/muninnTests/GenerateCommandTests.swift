import Foundation
import StrictJSON
import TestSupport
import Testing

/// `muninn generate` and `muninn chat` as a user starts them.
struct GenerateCommandTests {
  private let tiny = Fixtures.tiny

  @Test func `standard output is the text and nothing else`() throws {
    let run = try CommandRun(
      "generate", tiny, "--prompt", "In the beginning ", "--steps", "2", "--max-tokens", "12")
    #expect(run.status == 0)
    #expect(run.output.utf8.count == 13)
    #expect(run.output.hasSuffix("\n"))
    #expect(run.errors.contains("note: the cache takes at most "))
    #expect(run.errors.contains("generated 12 tokens after a prompt of 17, "))
    #expect(run.errors.contains("2.0 recurrences per token"))
    let quiet = try CommandRun(
      "generate", tiny, "--prompt", "In the beginning ", "--steps", "2", "--max-tokens", "12",
      "--quiet")
    #expect(quiet.output == run.output)
    #expect(quiet.errors == "")
  }

  @Test func `JSON has the same text, with its numbers`() throws {
    let run = try CommandRun(
      "generate", tiny, "--prompt", "God", "--exit", "kl:0.01", "--max-tokens", "6", "--json")
    #expect(run.status == 0)
    guard case .object(let members) = try JSONValue(parsing: Array(run.output.utf8)) else {
      Issue.record("\(run.output)")
      return
    }
    guard case .array(let tokens)? = members["tokens"], case .array(let steps)? = members["steps"]
    else {
      Issue.record("\(run.output)")
      return
    }
    #expect(tokens.count == 6)
    #expect(steps.count == 8)
    #expect(members["prompt_tokens"] == .integer(3))
  }

  @Test func `tokens of a byte vocabulary are its bytes, and a seed repeats a text`() throws {
    let text = try CommandRun(
      "generate", tiny, "--prompt", "God", "--steps", "1", "--max-tokens", "5")
    let ids = try CommandRun(
      "generate", tiny, "--tokens", "71,111,100", "--steps", "1", "--max-tokens", "5")
    #expect(ids.output == text.output)
    func sampled(_ seed: String) throws -> String {
      try CommandRun(
        "generate", tiny, "--prompt", "God", "--steps", "1", "--max-tokens", "16", "--temperature",
        "1.5", "--seed", seed
      ).output
    }
    #expect(try sampled("1") == sampled("1"))
    #expect(try sampled("1") != sampled("2"))
  }

  @Test func `drafting changes nothing but the time`() throws {
    let plain = try CommandRun(
      "generate", tiny, "--prompt", "And ", "--steps", "4", "--max-tokens", "16")
    let drafted = try CommandRun(
      "generate", tiny, "--prompt", "And ", "--steps", "4", "--max-tokens", "16", "--draft-steps",
      "1")
    #expect(drafted.output == plain.output)
    #expect(drafted.errors.contains(" drafted tokens accepted"))
  }

  @Test(
    arguments: [
      [], ["--prompt", "a", "--tokens", "1"], ["--prompt", "a", "--exit", "novelty"],
      ["--prompt", "a", "--exit", "kl", "--steps", "2"], ["--prompt", "a", "--cache", "none"],
      ["--prompt", "a", "--state", "ones"], ["--prompt", "a", "--temperature", "-1"],
      ["--prompt", "a", "--draft-steps", "1", "--exit", "kl"], ["--tokens", "1,x"],
      ["--prompt", "a", "--max-tokens", "0"], ["--prompt", "a", "--top-p", "0"],
    ])
  func `a mistake in a flag is a usage error`(flags: [String]) throws {
    let run = try CommandRun(["generate", tiny] + flags)
    #expect(run.status == 64)
    #expect(run.output == "")
  }

  @Test func `a model that cannot be run is refused`() throws {
    let missing = try CommandRun("generate", "/nonexistent", "--prompt", "a")
    #expect(missing.status == 1)
    let token = try CommandRun("generate", tiny, "--tokens", "256", "--steps", "1")
    #expect(token.status == 1)
    #expect(
      token.errors
        == "muninn: --tokens: token 256 at position 0, counted from 0, is outside the "
        + "vocabulary of 256\n")
    for verb in [["logits", "-o"], ["trace", "-o"]] {
      let directory = try TemporaryDirectory()
      let run = try CommandRun(
        [verb[0], tiny, "--tokens", "1,2,-3", "--steps", "9", verb[1], directory("out")])
      #expect(run.status == 1)
      #expect(run.errors.contains("token -3 at position 2, counted from 0, is outside"))
      #expect(directory.names == [])
    }
    let chat = try CommandRun("chat", tiny)
    #expect(chat.status == 1)
    #expect(chat.errors.contains("chat needs a tokenizer.json"))
  }
}
