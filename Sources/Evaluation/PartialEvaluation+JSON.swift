import StrictJSON

extension TextSums {
  var json: JSONValue {
    [
      "windows": .integer(windows),
      "candidates": .array(
        candidates.map {
          [
            "by_steps": .array($0.bySteps.map(\.json)), "latents": .array($0.latents.map(\.json)),
          ]
        }),
    ]
  }

  init(reading object: inout JSONObject) throws(JSONError) {
    windows = try object.count("windows")
    candidates = []
    for var candidate in try object.objects("candidates") {
      var bySteps: [AtDepth] = []
      for var depth in try candidate.objects("by_steps") {
        bySteps.append(
          AtDepth(steps: try depth.count("steps"), sums: try DamageSums(reading: &depth)))
      }
      var latents: [LatentSums] = []
      for var sums in try candidate.objects("latents") {
        latents.append(try LatentSums(reading: &sums))
      }
      candidates.append(Candidate(bySteps: bySteps, latents: latents))
    }
  }

  /// Whether these sums are of the same candidates, depths and predictions.
  func hasShape(of other: TextSums) -> Bool {
    candidates.count == other.candidates.count
      && zip(candidates, other.candidates).allSatisfy { mine, theirs in
        mine.latents.count == theirs.latents.count
          && mine.bySteps.map(\.steps) == theirs.bySteps.map(\.steps)
          && zip(mine.bySteps, theirs.bySteps).allSatisfy {
            $0.sums.divergences.total == $1.sums.divergences.total
          }
      }
  }
}

extension TextSums.AtDepth {
  fileprivate var json: JSONValue {
    [
      "steps": .integer(steps), "count": .integer(sums.count),
      "total": .integer(sums.divergences.total), "reference_nll": .number(sums.referenceNLL),
      "candidate_nll": .number(sums.candidateNLL), "kl": .number(sums.divergence),
      "largest_kl": .array(sums.divergences.values.map { .number($0) }),
      "top1": .integer(sums.topAgreements), "top5": .number(sums.topFiveShares),
    ]
  }
}

extension DamageSums {
  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    count = try object.count("count")
    referenceNLL = try object.number("reference_nll")
    candidateNLL = try object.number("candidate_nll")
    divergence = try object.number("kl")
    divergences = LargestValues(
      total: try object.count("total"), values: try object.numbers("largest_kl"))
    topAgreements = try object.count("top1")
    topFiveShares = try object.number("top5")
  }
}

extension LatentSums {
  fileprivate var json: JSONValue {
    [
      "count": .integer(count), "error": .number(error), "cosine": .number(cosine),
      "movement": .number(movement),
    ]
  }

  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    count = try object.count("count")
    error = try object.number("error")
    cosine = try object.number("cosine")
    movement = try object.number("movement")
  }
}

extension ExitEvaluation.Shift {
  var json: JSONValue {
    func tally(_ tally: ExitEvaluation.Tally) -> JSONValue {
      [
        "distribution": .array(tally.distribution.map { .integer($0) }),
        "nll": .number(tally.nll),
      ]
    }
    return [
      "windows": .integer(windows), "same": .integer(same), "reference": tally(reference),
      "pack": tally(pack),
    ]
  }

  init(reading object: inout JSONObject) throws(JSONError) {
    func tally(_ object: inout JSONObject) throws(JSONError) -> ExitEvaluation.Tally {
      ExitEvaluation.Tally(
        distribution: try object.counts("distribution"), nll: try object.number("nll"))
    }
    var reference = try object.object("reference")
    var pack = try object.object("pack")
    self.init(
      reference: try tally(&reference), pack: try tally(&pack), same: try object.count("same"),
      windows: try object.count("windows"))
  }
}

extension QuestionEvaluation.Outcome {
  var json: JSONValue {
    func lists(_ answers: QuestionEvaluation.Answers) -> JSONValue {
      .array(answers.tokens.map { ["tokens": .array($0.map { .integer($0) })] })
    }
    return ["reference": lists(reference), "pack": lists(pack)]
  }

  init(reading object: inout JSONObject) throws(JSONError) {
    func answers(_ lists: [JSONObject]) throws(JSONError) -> QuestionEvaluation.Answers {
      var tokens: [[Int]] = []
      for var list in lists { tokens.append(try list.counts("tokens")) }
      return QuestionEvaluation.Answers(tokens: tokens)
    }
    self.init(
      reference: try answers(try object.objects("reference")),
      pack: try answers(try object.objects("pack")))
  }
}
