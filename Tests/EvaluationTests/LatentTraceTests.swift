import Models
import Inference
import PackFormat
import StrictJSON
import TestSupport
import Testing

@testable import Evaluation

struct LatentTraceTests {
  private let tokens = "God".utf8.map { (id: Int($0), text: String(UnicodeScalar($0))) }

  @Test func `a trace of two models is read back the same`() throws {
    let reference = try Model(StoredModel(path: Fixtures.nano))
    let pack = try Model(try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn")))
    let trace = try LatentTrace(
      tokens, [("reference", reference), ("pack", pack)], recurrences: 9)
    #expect(trace.models == ["reference", "pack"])
    #expect(trace.tokens.map(\.text) == ["G", "o", "d"])
    for token in trace.tokens {
      #expect(token.paths.count == 2)
      #expect(token.paths.allSatisfy { $0.points.count == 9 && $0.motion.steps.count == 9 })
      #expect(token.paths[0] != token.paths[1])
      // Centred on the first model's mean.
      for component in trace.explained.indices {
        let mean = token.paths[0].points.reduce(0) { $0 + $1[component] } / 9
        #expect(abs(mean) < 1e-3)
      }
    }
    #expect(trace.explained.reduce(0, +) <= 1 + 1e-9)
    #expect(trace.explained == trace.explained.sorted(by: >))
    let bytes = JSONValue.object(trace.json).canonicalBytes
    #expect(try LatentTrace(parsing: bytes) == trace)
  }

  @Test(arguments: ["{}", "[]", #"{"trace": 2}"#, #"{"trace": 1, "models": [1]}"#])
  func `another file is refused`(text: String) {
    #expect(throws: JSONError.self) { try LatentTrace(parsing: Array(text.utf8)) }
  }
}
