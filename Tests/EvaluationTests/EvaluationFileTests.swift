import FileAccess
import Inference
import Models
import Parallelism
import StrictJSON
import TestSupport
import Testing

@testable import Evaluation

/// A run and the file that it is kept in.
struct EvaluationFileTests {
  private let directory: TemporaryDirectory
  private let model: LanguageModel
  private let material: EvaluationMaterial

  init() throws {
    directory = try TemporaryDirectory()
    model = try LanguageModel(StoredModel(path: Fixtures.nano))
    var material = EvaluationMaterial(for: model, window: 4)
    try material.readText(try directory.write("text", "In the beginning"))
    try material.readQuestions(
      try directory.write("questions", #"[{"prompt": "ab", "answer": "c"}]"#))
    self.material = material
  }

  private func run(steps: [Int]) throws -> EvaluationRun {
    var plan = EvaluationPlan(steps: steps)
    plan.ablation = (.stage, 4)
    plan.exit = (try #require(ExitCriterion("latent-diff")), 2, 8)
    return EvaluationRun(plan, of: model, against: model, on: material)
  }

  private func finish(_ run: inout EvaluationRun) throws {
    while run.text?.isFinished == false { try run.text?.advance(on: Workers()) }
    while run.ablation?.isFinished == false { try run.ablation?.advance(on: Workers()) }
    while run.exit?.isFinished == false { try run.exit?.advance(on: Workers()) }
    while run.questions?.isFinished == false { try run.questions?.advance(on: Workers()) }
  }

  private func file(_ run: EvaluationRun, replacing: Bool = false) throws -> EvaluationFile {
    try EvaluationFile(path: directory("out.json"), inputs: run.inputs, replacing: replacing)
  }

  @Test func `a run goes on from its file to the same record`() throws {
    var whole = try run(steps: [1, 2])
    #expect(try file(whole).partial == nil)
    try finish(&whole)
    var begun = try run(steps: [1, 2])
    while begun.text?.isFinished == false { try begun.text?.advance(on: Workers(count: 1)) }
    try file(begun).write(begun.partial)
    var resumed = try run(steps: [2, 1])
    try resumed.resume(try #require(try file(resumed).partial))
    #expect(resumed.text?.isFinished == true)
    #expect(resumed.exit?.completed == 0)
    try finish(&resumed)
    #expect(resumed.record == whole.record)
    #expect(resumed.record.predictions == 12)
    #expect(resumed.record.questions.count == 2)
    #expect(resumed.record.ablation?.predictions == 3)
  }

  @Test func `an evaluation of other inputs is not gone on from`() throws {
    let first = try run(steps: [1])
    try file(first).write(first.partial)
    let other = try run(steps: [2])
    #expect(throws: EvaluationFileError.unfit(path: directory("out.json"), .otherInputs)) {
      _ = try file(other)
    }
    #expect(try file(other, replacing: true).partial == nil)
  }

  @Test func `a complete evaluation is not repeated unasked`() throws {
    var run = try run(steps: [1])
    try finish(&run)
    try file(run).write(run.record)
    #expect(throws: EvaluationFileError.complete(path: directory("out.json"))) {
      _ = try file(run)
    }
    try file(run, replacing: true).write(run.record)
  }

  @Test func `what is no evaluation is not replaced`() throws {
    try directory.write("out.json", "{}")
    for replacing in [false, true] {
      #expect(throws: EvaluationFileError.self) {
        _ = try file(try run(steps: [1]), replacing: replacing)
      }
    }
  }

  @Test func `the depth with the largest divergence is told where it is above a limit`() throws {
    var run = try run(steps: [1, 2])
    try finish(&run)
    let damage = try #require(run.record.damage)
    #expect(damage.worst(above: 0) == nil)
    #expect(damage.worst(above: -1) != nil)
  }
}
