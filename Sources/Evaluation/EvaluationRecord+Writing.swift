public import StrictJSON

extension EvaluationRecord {
  /// The version of the file's shape.
  public static let version = 1

  /// The members of the file.
  public var json: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "evaluation": .integer(Self.version), "complete": true, "inputs": inputs,
    ]
    if let damage {
      members["predictions"] = .integer(predictions)
      members["by_recurrence"] = damage.byRecurrenceJSON
      members["latents"] = .array(damage.latents.map(\.json))
    }
    if let ablation {
      members["ablation"] = [
        "by": .string(ablation.by.rawValue), "predictions": .integer(ablation.predictions),
        "parts": .array(ablation.parts.map(\.json)),
      ]
    }
    if let exit { members["exit_shift"] = exit.json }
    if !questions.isEmpty { members["questions"] = .array(questions.map(\.json)) }
    return members
  }
}

extension EvaluationRecord.Part {
  fileprivate var json: JSONValue {
    [
      "part": .string(name), "parameters": .integer(parameterCount),
      "by_recurrence": damage.byRecurrenceJSON, "latents": .array(damage.latents.map(\.json)),
    ]
  }
}

extension EvaluationRecord.ExitRecord {
  fileprivate var json: JSONValue {
    [
      "criterion": .string(criterion), "max_steps": .integer(shift.reference.distribution.count),
      "tokens": .integer(shift.reference.count), "same_steps": .integer(shift.same),
      "added_work": .number(shift.addedWork), "reference": shift.reference.json,
      "pack": shift.pack.json,
    ]
  }
}

extension ExitEvaluation.Tally {
  /// The distribution, with what follows from it.
  fileprivate var json: JSONValue {
    [
      "distribution": .array(distribution.map { .integer($0) }),
      "mean_steps": .number(meanSteps), "nll": .number(likelihood.nll),
      "perplexity": .number(likelihood.perplexity),
    ]
  }
}

extension Damage {
  fileprivate var byRecurrenceJSON: JSONValue { .array(byRecurrence.map(\.json)) }
}

extension Damage.Likelihood {
  fileprivate var json: JSONValue { ["nll": .number(nll), "perplexity": .number(perplexity)] }
}

extension Damage.AtDepth {
  fileprivate var json: JSONValue {
    [
      "steps": .integer(steps), "reference": reference.json, "pack": pack.json,
      "kl": [
        "mean": .number(meanDivergence), "p99": .number(percentile99Divergence),
        "max": .number(maximumDivergence),
      ],
      "top1_agreement": .number(top1Agreement), "top5_agreement": .number(top5Agreement),
      "latent_error": latentError.map { .number($0) } ?? .null,
      "trajectory_cosine": trajectoryCosine.map { .number($0) } ?? .null,
    ]
  }
}

extension Damage.Latent {
  fileprivate var json: JSONValue {
    [
      "recurrence": .integer(recurrence), "latent_error": .number(error),
      "trajectory_cosine": .number(cosine), "reference_movement": .number(movement),
    ]
  }
}

extension Accuracy {
  fileprivate var json: JSONValue {
    [
      "right": .integer(right), "accuracy": .number(share),
      "interval": [.number(interval.lowerBound), .number(interval.upperBound)],
    ]
  }
}

extension QuestionDamage {
  fileprivate var json: JSONValue {
    [
      "steps": .integer(steps), "count": .integer(reference.total), "reference": reference.json,
      "pack": pack.json, "same_answers": .integer(agreements), "agreement": .number(agreement),
      "gained": .integer(gained), "lost": .integer(lost),
    ]
  }
}
