import StrictJSON
import Testing

@testable import Evaluation

struct EvaluationRecordTests {
  private var damage: Damage {
    Damage(
      byRecurrence: [
        Damage.AtDepth(
          steps: 0, reference: .init(nll: 1), pack: .init(nll: 2), meanDivergence: 0.5,
          percentile99Divergence: 1, maximumDivergence: 2, top1Agreement: 0.25,
          top5Agreement: 0.5, latentError: nil, trajectoryCosine: nil),
        Damage.AtDepth(
          steps: 1, reference: .init(nll: 1), pack: .init(nll: 1.5), meanDivergence: 0.25,
          percentile99Divergence: 0.5, maximumDivergence: 2, top1Agreement: 1, top5Agreement: 1,
          latentError: 0.125, trajectoryCosine: 0.75),
      ],
      latents: [.init(recurrence: 1, error: 0.125, cosine: 0.75, movement: 0.5)])
  }

  private var record: EvaluationRecord {
    var record = EvaluationRecord(inputs: ["window": 4])
    record.predictions = 8
    record.damage = damage
    record.ablation = EvaluationRecord.AblationRecord(
      by: .kind, predictions: 4,
      parts: [EvaluationRecord.Part(name: "adapter", parameterCount: 12, damage: damage)])
    record.exit = EvaluationRecord.ExitRecord(
      criterion: "kl:0.001",
      shift: ExitEvaluation.Shift(
        reference: .init(distribution: [1, 3], nll: 8),
        pack: .init(distribution: [2, 2], nll: 4), same: 3, windows: 0))
    record.questions = [
      QuestionDamage(
        steps: 1, reference: Accuracy(right: 3, total: 4), pack: Accuracy(right: 2, total: 4),
        agreements: 3, gained: 0, lost: 1)
    ]
    return record
  }

  @Test func `a record is read back the same`() throws {
    let bytes = JSONValue.object(record.json).canonicalBytes
    #expect(try EvaluationRecord(parsing: bytes) == record)
    let empty = EvaluationRecord(inputs: .null)
    #expect(
      try EvaluationRecord(parsing: JSONValue.object(empty.json).canonicalBytes) == empty)
  }

  @Test func `the table by recurrence has the documented shape`() throws {
    guard case .array(let depths)? = record.json["by_recurrence"] else {
      Issue.record("no list")
      return
    }
    var object = try JSONObject(depths[1])
    #expect(try object.count("steps") == 1)
    for model in ["reference", "pack"] {
      var likelihood = try object.object(model)
      #expect(try likelihood.number("nll") >= 1)
      #expect(try likelihood.number("perplexity") > 2.7)
      try likelihood.finish()
    }
    var divergence = try object.object("kl")
    #expect(try divergence.number("mean") == 0.25)
    #expect(try divergence.number("p99") == 0.5)
    #expect(try divergence.number("max") == 2)
    try divergence.finish()
    #expect(try object.number("top1_agreement") == 1)
    #expect(try object.number("top5_agreement") == 1)
    #expect(try object.number("latent_error") == 0.125)
    #expect(try object.number("trajectory_cosine") == 0.75)
    try object.finish()
  }

  @Test func `a file that is not a complete evaluation of this version is refused`() {
    func reading(_ text: String) -> EvaluationRecordError? {
      do throws(EvaluationRecordError) {
        _ = try EvaluationRecord(parsing: Array(text.utf8))
        return nil
      } catch {
        return error
      }
    }
    #expect(reading(#"{"evaluation": 2}"#) == .version(2))
    #expect(reading(#"{"evaluation": 1, "complete": false}"#) == .incomplete)
    #expect(
      reading(
        #"{"evaluation": 1, "complete": true, "inputs": 0, "ablation": {"by": "x"}}"#)
        == .ablation("x"))
    #expect(reading("{}") == .json(.missingKey(path: "", key: "evaluation")))
    #expect(
      reading(#"{"evaluation": 1, "complete": true, "inputs": 0, "predictions": 1}"#)
        == .json(.missingKey(path: "", key: "by_recurrence")))
  }
}
