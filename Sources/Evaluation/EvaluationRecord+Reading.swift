import StrictJSON

extension EvaluationRecord {
  /// Whether a file is one that an evaluation keeps, complete or not, of any version.
  public static func isRecord(_ bytes: [UInt8]) -> Bool {
    do throws(JSONError) {
      var document = try JSONObject(try JSONValue(parsing: bytes))
      _ = (try document.count("evaluation"), try document.boolean("complete"))
      _ = try document.object("inputs")
      return true
    } catch {
      return false
    }
  }

  /// Reads a complete evaluation.
  ///
  /// - Throws: ``EvaluationRecordError``.
  public init(parsing bytes: [UInt8]) throws(EvaluationRecordError) {
    do {
      var document = try JSONObject(try JSONValue(parsing: bytes))
      let version = try document.count("evaluation")
      guard version == Self.version else { throw EvaluationRecordError.version(version) }
      guard try document.boolean("complete") else { throw EvaluationRecordError.incomplete }
      self.init(inputs: try document.take("inputs"))
      if let predictions = try document.countIfPresent("predictions") {
        self.predictions = predictions
        damage = try Damage(reading: &document)
      }
      if var ablation = try document.objectIfPresent("ablation") {
        self.ablation = try AblationRecord(reading: &ablation)
      }
      if var exit = try document.objectIfPresent("exit_shift") {
        self.exit = try ExitRecord(reading: &exit)
      }
      for var question in try document.objectsIfPresent("questions") ?? [] {
        questions.append(try QuestionDamage(reading: &question))
      }
    } catch let error as JSONError {
      throw .json(error)
    } catch let error as EvaluationRecordError {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown: \(error)")
    }
  }
}

extension EvaluationRecord.AblationRecord {
  fileprivate init(reading object: inout JSONObject) throws {
    let name = try object.string("by")
    guard let by = Ablation(rawValue: name) else { throw EvaluationRecordError.ablation(name) }
    let predictions = try object.count("predictions")
    var parts: [EvaluationRecord.Part] = []
    for var part in try object.objects("parts") {
      parts.append(
        EvaluationRecord.Part(
          name: try part.string("part"), parameterCount: try part.count("parameters"),
          damage: try Damage(reading: &part)))
    }
    self.init(by: by, predictions: predictions, parts: parts)
  }
}

extension EvaluationRecord.ExitRecord {
  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    var reference = try object.object("reference")
    var pack = try object.object("pack")
    self.init(
      criterion: try object.string("criterion"),
      shift: ExitEvaluation.Shift(
        reference: try ExitEvaluation.Tally(reading: &reference),
        pack: try ExitEvaluation.Tally(reading: &pack), same: try object.count("same_steps"),
        windows: 0))
  }
}

extension ExitEvaluation.Tally {
  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    let distribution = try object.counts("distribution")
    // Counts of tokens: no text has more than fit.
    var total = 0
    for count in distribution { total = total.addingReportingOverflow(count).partialValue }
    self.init(distribution: distribution, nll: try object.number("nll") * Double(total))
  }
}

extension Damage {
  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    var depths: [AtDepth] = []
    for var depth in try object.objects("by_recurrence") {
      depths.append(try AtDepth(reading: &depth))
    }
    var latents: [Latent] = []
    for var latent in try object.objects("latents") {
      latents.append(
        Latent(
          recurrence: try latent.count("recurrence"), error: try latent.number("latent_error"),
          cosine: try latent.number("trajectory_cosine"),
          movement: try latent.number("reference_movement")))
    }
    self.init(byRecurrence: depths, latents: latents)
  }
}

extension Damage.AtDepth {
  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    var reference = try object.object("reference")
    var pack = try object.object("pack")
    var divergence = try object.object("kl")
    self.init(
      steps: try object.count("steps"),
      reference: Damage.Likelihood(nll: try reference.number("nll")),
      pack: Damage.Likelihood(nll: try pack.number("nll")),
      meanDivergence: try divergence.number("mean"),
      percentile99Divergence: try divergence.number("p99"),
      maximumDivergence: try divergence.number("max"),
      top1Agreement: try object.number("top1_agreement"),
      top5Agreement: try object.number("top5_agreement"),
      latentError: try object.numberOrNull("latent_error"),
      trajectoryCosine: try object.numberOrNull("trajectory_cosine"))
  }
}

extension QuestionDamage {
  fileprivate init(reading object: inout JSONObject) throws(JSONError) {
    let count = try object.count("count")
    var reference = try object.object("reference")
    var pack = try object.object("pack")
    self.init(
      steps: try object.count("steps"),
      reference: Accuracy(right: try reference.count("right"), total: count),
      pack: Accuracy(right: try pack.count("right"), total: count),
      agreements: try object.count("same_answers"), gained: try object.count("gained"),
      lost: try object.count("lost"))
  }
}

extension JSONObject {
  /// Takes a number, or null for none.
  fileprivate mutating func numberOrNull(_ key: String) throws(JSONError) -> Double? {
    let value = try take(key)
    switch value {
    case .null: return nil
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default:
      throw .wrongKind(path: path(of: key), expected: "a number or null", found: "another value")
    }
  }
}
