import Models
import HuginnModel
import TestSupport
import Testing

@testable import Inference

struct GenerationTests {
  private let model: Model
  private let prompt = "In the beginning ".utf8.map { Int($0) }

  init() throws {
    model = try Model(StoredModel(path: Fixtures.tiny))
  }

  private func generate(
    _ options: Generation.Options, _ session: Session? = nil, prompt: [Int]? = nil
  ) throws -> Generation.Result {
    var generation = Generation(session ?? Session(model), options)
    var emitted: [Int] = []
    let result = try generation.run(prompt ?? self.prompt) { token in
      emitted.append(token)
      return true
    }
    #expect(emitted == result.tokens)
    return result
  }

  private func options(_ steps: Int, tokens: Int) -> Generation.Options {
    var options = Generation.Options(Session.Depth(steps))
    options.tokenLimit = tokens
    return options
  }

  @Test func `the trained checkpoint writes words`() throws {
    let result = try generate(options(4, tokens: 24))
    let text = String(decoding: result.tokens.map { UInt8($0) }, as: UTF8.self)
    #expect(result.tokens.count == 24)
    #expect(text.allSatisfy { $0.isLetter || $0.isWhitespace || $0.isPunctuation })
    #expect(text.contains(" "))
    #expect(result.steps.allSatisfy { $0 == 4 })
  }

  @Test(arguments: [1, 2, 4], [1, 3, 6])
  func `with drafts the text is the same`(steps: Int, tokens: Int) throws {
    let plain = try generate(options(5, tokens: 20))
    var drafting = options(5, tokens: 20)
    drafting.draft = Generation.Draft(steps: steps, tokens: tokens)
    let drafted = try generate(drafting)
    #expect(drafted.tokens == plain.tokens)
    #expect(drafted.drafted > 0)
    #expect(drafted.accepted <= drafted.drafted)
  }

  @Test func `a stop ends the text and is not part of it`() throws {
    let free = try generate(options(3, tokens: 12)).tokens
    var stopping = options(3, tokens: 12)
    stopping.stops = [free[5]]
    let end = try #require(free.firstIndex(of: free[5]))
    #expect(try generate(stopping).tokens == Array(free[..<end]))
    stopping.draft = Generation.Draft(steps: 1, tokens: 4)
    #expect(try generate(stopping).tokens == Array(free[..<end]))
  }

  @Test func `the receiver of tokens can stop it`() throws {
    var generation = Generation(Session(model), options(2, tokens: 50))
    var count = 0
    let result = try generation.run(prompt) { _ in
      count += 1
      return count < 3
    }
    #expect(result.tokens.count == 3)
  }

  @Test func `the context's end is the text's end`() throws {
    let prompt = Array(repeating: 32, count: model.config.contextLength - 3)
    let result = try generate(options(1, tokens: 10), prompt: prompt)
    #expect(result.tokens.count == 4)
    var drafting = options(1, tokens: 10)
    drafting.draft = Generation.Draft(steps: 1, tokens: 4)
    #expect(try generate(drafting, prompt: prompt).tokens == result.tokens)
  }

  @Test func `adaptive exits take fewer recurrences`() throws {
    var options = Generation.Options(Session.Depth(8, until: ExitCriterion(.kl, threshold: 0.01)))
    options.tokenLimit = 10
    let result = try generate(options)
    #expect(result.steps.count == prompt.count + 9)
    #expect(result.steps.contains { $0 < 8 })
  }

  @Test func `a second call continues where the first ended`() throws {
    let whole = try generate(options(3, tokens: 12)).tokens
    var generation = Generation(Session(model), options(3, tokens: 6))
    let first = try generation.run(prompt) { _ in true }.tokens
    // The last token was chosen and not taken.
    #expect(generation.session.count == prompt.count + 5)
    let second = try generation.run([first[5]]) { _ in true }.tokens
    #expect(first + second == whole)
  }

  @Test func `a prompt is checked whole before any work`() throws {
    var generation = Generation(Session(model), options(1, tokens: 1))
    let long = Array(repeating: 32, count: model.config.contextLength + 1)
    for (prompt, error) in [
      (long, InferenceError.contextFull(limit: model.config.contextLength)),
      (prompt + [999], .token(999, vocabulary: 256)),
    ] {
      #expect(throws: error) { try generation.run(prompt) { _ in true } }
    }
    #expect(generation.session.count == 0)
  }

  @Test(arguments: [.none, .latentDifference] as [ExitCriterion.Kind])
  func `progress counts every token of the prompt once`(kind: ExitCriterion.Kind) throws {
    let depth = Session.Depth(2, until: ExitCriterion(kind))
    var options = Generation.Options(depth)
    options.tokenLimit = 1
    var generation = Generation(Session(model), options)
    let prompt = Array(repeating: 32, count: 150)
    var parts: [Int] = []
    _ = try generation.run(prompt, progress: { parts.append($0) }, emit: { _ in true })
    #expect(parts.reduce(0, +) == 150)
    #expect(parts.allSatisfy { $0 >= 0 })
    #expect(parts.count > 4)
  }

  @Test func `an empty prompt is an error`() {
    #expect(throws: InferenceError.emptyPrompt) {
      try generate(options(1, tokens: 1), prompt: [])
    }
  }
}
