import Checkpoint
import Foundation
import Parallelism
import Synchronization
import TestSupport
import Testing

@testable import Inference

/// What the reference measured on the trained checkpoint; whole in `make test-exhaustive`.
struct TrainedCheckpointTests {
  private static let isExhaustive =
    ProcessInfo.processInfo.environment["MUNINN_EXHAUSTIVE"] != nil

  private struct Chains: Decodable {
    struct Question: Decodable {
      let prompt: String
      let reference: [String: String]
    }
    let questions: [Question]
  }

  private struct Perplexities: Decodable {
    struct Measured: Decodable {
      let nll: Double
      let perplexity: Double
    }
    let by_recurrence: [String: Measured]
  }

  private func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(
      type, from: Data(Fixtures.bytes("checkpoints/huginn-tiny/\(name)")))
  }

  @Test func `the answers to chains are the reference's, at every depth`() throws {
    let model = try Model(Checkpoint(path: Fixtures.tiny), workers: Workers(count: 1))
    let questions = try json("chains.json", as: Chains.self).questions
    for question in Self.isExhaustive ? questions[...] : questions.prefix(8) {
      for (steps, answer) in question.reference where Self.isExhaustive || steps.count == 1 {
        var session = Session(model)
        let prompt = question.prompt.utf8.map { Int($0) }
        let logits = try session.evaluate(prompt, steps: #require(Int(steps)))
        let token = Sampler.greedy(Array(logits.suffix(session.vocabularySize)))
        #expect(
          String(decoding: [UInt8(token)], as: UTF8.self) == answer,
          "\(question.prompt), \(steps) steps")
      }
    }
  }

  @Test(.enabled(if: isExhaustive), arguments: ["1", "2", "4", "8", "16", "32"])
  func `the perplexity on held-out text is the reference's to 0.1 %`(steps: String) throws {
    let model = try Model(Checkpoint(path: Fixtures.tiny), workers: Workers(count: 1))
    let text = try Fixtures.bytes("checkpoints/huginn-tiny/heldout.txt").map { Int($0) }
    let expected = try #require(
      try json("perplexity.json", as: Perplexities.self).by_recurrence[steps])
    let count = try #require(Int(steps))
    let sums = Workers().map(text.count / 256) { window -> Double in
      let tokens = Array(text[window * 256..<(window + 1) * 256])
      var session = Session(model)
      guard let logits = try? session.evaluate(tokens, steps: count) else { return .nan }
      return (0..<255).reduce(0) { sum, position in
        let row = logits[position * 256..<(position + 1) * 256]
        let largest = row.max() ?? 0
        let total = row.reduce(0.0) { $0 + exp(Double($1 - largest)) }
        return sum + log(total) - Double(row[row.startIndex + tokens[position + 1]] - largest)
      }
    }
    let nll = sums.reduce(0, +) / Double(text.count / 256 * 255)
    #expect(abs(exp(nll) / expected.perplexity - 1) < 0.001, "\(exp(nll))")
  }
}
