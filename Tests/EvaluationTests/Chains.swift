import Foundation
import TestSupport

/// The questions of the trained checkpoint, with the reference's answers by number of recurrences.
struct Chains: Decodable {
  struct Question: Decodable {
    let prompt: String
    let answer: String
    let reference: [String: String]
  }

  let questions: [Question]

  static func read() throws -> [Question] {
    let json = try Fixtures.bytes("checkpoints/huginn-tiny/chains.json")
    return try JSONDecoder().decode(Chains.self, from: Data(json)).questions
  }
}
