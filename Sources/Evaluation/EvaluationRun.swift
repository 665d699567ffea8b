import HuginnModel
public import Inference
import Models
public import StrictJSON

/// What an evaluation measures besides its text and questions.
public struct EvaluationPlan: Sendable {
  /// The numbers of recurrences to measure at, ascending and each once.
  public let steps: [Int]
  /// What is quantized alone, and on how many bytes of the text.
  public var ablation: (by: Ablation, byteCount: Int)?
  /// When a token exits, after how many recurrences at most, and on how many bytes of the text.
  public var exit: (criterion: ExitCriterion, maximum: Int?, byteCount: Int)?

  /// The most recurrences that are run: beyond, the model's own mean is taken for a mistake.
  public static let stepLimit = 4096

  /// A plan without an ablation or an exit.
  public init(steps: [Int]) { self.steps = Array(Set(steps)).sorted() }

  /// The most recurrences before an exit: those asked for, or the model's mean.
  func exitLimit(_ config: HuginnConfig) -> Int {
    exit?.maximum ?? min(config.meanRecurrence, Self.stepLimit)
  }

  /// What is compared, with what settings: an evaluation goes on only with the same.
  public func inputs(
    of pack: LanguageModel, against reference: LanguageModel, on material: EvaluationMaterial
  ) -> JSONValue {
    var members: [String: JSONValue] = [
      "pack": pack.stored.identity, "reference": reference.stored.identity,
      "steps": .array(steps.map { .integer($0) }), "window": .integer(material.window),
      "state": "zero",
    ]
    members.merge(material.identity) { $1 }
    if let ablation {
      members["ablate"] = .string(ablation.by.rawValue)
      members["ablate_bytes"] = .integer(ablation.byteCount)
    }
    if let exit {
      members["exit"] = .string(exit.criterion.description)
      members["exit_bytes"] = .integer(exit.byteCount)
      if let maximum = exit.maximum { members["max_steps"] = .integer(maximum) }
    }
    return .object(members)
  }
}

/// The parts of an evaluation, each of which goes on in small pieces.
public struct EvaluationRun: Sendable {
  /// The text through the reference and the pack.
  public var text: TextEvaluation?
  /// The beginning of the text, with one part quantized at a time.
  public var ablation: TextEvaluation?
  /// The beginning of the text, with adaptive exits.
  public var exit: ExitEvaluation?
  /// The questions.
  public var questions: QuestionEvaluation?
  /// What is compared, with what settings.
  public let inputs: JSONValue
  private let ablated: (by: Ablation, parts: [Ablation.Part])?

  /// A run that has not begun.
  ///
  /// - Parameters:
  ///   - plan: what is measured.
  ///   - pack: what is measured against the reference.
  ///   - reference: of the same layout.
  ///   - material: what both are run on.
  public init(
    _ plan: EvaluationPlan, of pack: LanguageModel, against reference: LanguageModel,
    on material: EvaluationMaterial
  ) {
    let (steps, config) = (plan.steps, reference.model.config)
    inputs = plan.inputs(of: pack, against: reference, on: material)
    ablated = plan.ablation.map { ($0.by, $0.by.parts(of: config)) }
    text = material.windows().map {
      TextEvaluation(
        $0, reference: reference.model, candidates: [.init("pack", pack.model)], steps: steps)
    }
    ablation = plan.ablation.flatMap { ablation in
      material.windows(until: ablation.byteCount).map {
        TextEvaluation(
          $0, reference: reference.model,
          candidates: ablation.by.candidates(pack.model, in: reference.model), steps: steps)
      }
    }
    exit = plan.exit.flatMap { exit in
      material.windows(until: exit.byteCount).map {
        ExitEvaluation(
          $0, reference: reference.model, pack: pack.model,
          depth: Session.Depth(plan.exitLimit(config), until: exit.criterion))
      }
    }
    questions = material.questions.map {
      QuestionEvaluation($0, reference: reference.model, pack: pack.model, steps: steps)
    }
  }

  /// Goes on from what an interrupted run of the same inputs left.
  ///
  /// - Throws: ``PartialEvaluationError/misfit``.
  public mutating func resume(_ partial: PartialEvaluation) throws(PartialEvaluationError) {
    try text?.resume(partial)
    try ablation?.resume(partial, ablation: true)
    try exit?.resume(partial)
    try questions?.resume(partial)
  }

  /// What the parts stand at.
  public var partial: PartialEvaluation {
    PartialEvaluation(text: text, ablation: ablation, exit: exit, questions: questions)
  }

  /// What was found.
  public var record: EvaluationRecord {
    var record = EvaluationRecord(inputs: inputs)
    if let text, let found = text.damages.first {
      record.predictions = text.total
      record.damage = found.damage
    }
    if let ablation, let ablated {
      record.ablation = EvaluationRecord.AblationRecord(
        by: ablated.by, predictions: ablation.total,
        parts: zip(ablation.damages, ablated.parts).map {
          EvaluationRecord.Part(
            name: $0.name, parameterCount: $1.parameterCount, damage: $0.damage)
        })
    }
    if let exit {
      record.exit = EvaluationRecord.ExitRecord(
        criterion: exit.depth.criterion.description, shift: exit.shift)
    }
    if let questions { record.questions = questions.damages }
    return record
  }
}
