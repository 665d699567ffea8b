import Inference
public import StrictJSON

/// The sums of an interrupted evaluation, saved so that it can be resumed.
///
/// Numbers are written with as many digits as they need to read back exactly, so that the result of
/// an interrupted evaluation is that of one which ran through.
public struct PartialEvaluation: Equatable, Sendable {
  var text: TextSums?
  var ablation: TextSums?
  var exit: ExitEvaluation.Shift?
  var questions: [QuestionEvaluation.Outcome] = []

  /// The state of each part of an evaluation.
  public init(
    text: TextEvaluation?, ablation: TextEvaluation?, exit: ExitEvaluation?,
    questions: QuestionEvaluation?
  ) {
    self.text = text?.sums
    self.ablation = ablation?.sums
    self.exit = exit?.shift
    self.questions = questions?.outcomes ?? []
  }

  /// The members of the file.
  ///
  /// - Parameter inputs: what is compared.
  /// - Returns: the members.
  public func json(inputs: JSONValue) -> [String: JSONValue] {
    var partial: [String: JSONValue] = [:]
    if let text { partial["text"] = text.json }
    if let ablation { partial["ablation"] = ablation.json }
    if let exit { partial["exit"] = exit.json }
    partial["questions"] = .array(questions.map(\.json))
    return [
      "evaluation": .integer(EvaluationRecord.version), "complete": false, "inputs": inputs,
      "partial": .object(partial),
    ]
  }

  /// Reads what an interrupted evaluation left; nil if the file is complete.
  ///
  /// - Parameters:
  ///   - bytes: of the file.
  ///   - inputs: what is compared now.
  /// - Throws: ``PartialEvaluationError``.
  public init?(parsing bytes: [UInt8], inputs: JSONValue) throws(PartialEvaluationError) {
    do {
      var document = try JSONObject(try JSONValue(parsing: bytes))
      let version = try document.count("evaluation")
      let found = try document.take("inputs")
      guard version == EvaluationRecord.version,
        found.canonicalBytes == inputs.canonicalBytes
      else { throw PartialEvaluationError.otherInputs }
      if try document.boolean("complete") { return nil }
      var partial = try document.object("partial")
      if var sums = try partial.objectIfPresent("text") { text = try TextSums(reading: &sums) }
      if var sums = try partial.objectIfPresent("ablation") {
        ablation = try TextSums(reading: &sums)
      }
      if var shift = try partial.objectIfPresent("exit") {
        exit = try ExitEvaluation.Shift(reading: &shift)
      }
      for var outcome in try partial.objects("questions") {
        questions.append(try QuestionEvaluation.Outcome(reading: &outcome))
      }
    } catch let error as JSONError {
      throw .json(error)
    } catch let error as PartialEvaluationError {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown: \(error)")
    }
  }
}

extension TextEvaluation {
  /// Goes on from sums, where they are of this evaluation.
  ///
  /// - Throws: ``PartialEvaluationError/misfit``.
  public mutating func resume(_ partial: PartialEvaluation, ablation: Bool = false)
    throws(PartialEvaluationError)
  {
    guard let sums = ablation ? partial.ablation : partial.text else { return }
    guard sums.windows <= windows.count, sums.hasShape(of: self.sums) else { throw .misfit }
    resume(sums)
  }
}

extension ExitEvaluation {
  /// Resumes from a saved shift, if it belongs to this evaluation.
  ///
  /// - Throws: ``PartialEvaluationError/misfit``.
  public mutating func resume(_ partial: PartialEvaluation) throws(PartialEvaluationError) {
    guard let shift = partial.exit else { return }
    guard shift.windows <= windows.count,
      shift.reference.distribution.count == depth.maximum,
      shift.pack.distribution.count == depth.maximum
    else { throw .misfit }
    self.shift = shift
  }
}

extension QuestionEvaluation {
  /// Goes on from outcomes, where they are of this evaluation.
  ///
  /// - Throws: ``PartialEvaluationError/misfit``.
  public mutating func resume(_ partial: PartialEvaluation) throws(PartialEvaluationError) {
    guard partial.questions.count <= questions.count,
      partial.questions.allSatisfy({
        $0.reference.tokens.count == steps.count && $0.pack.tokens.count == steps.count
      })
    else { throw .misfit }
    outcomes = partial.questions
  }
}
