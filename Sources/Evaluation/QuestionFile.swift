import StrictJSON

/// A file of questions.
struct QuestionFile {
  let questions: [EvaluationMaterial.AskedQuestion]

  /// Reads a list of objects with `prompt` and `answer`, or an object with it as `questions`.
  ///
  /// - Throws: ``EvaluationInputError/json(path:_:)``, ``EvaluationInputError/emptyQuestion(path:)``.
  init(parsing bytes: [UInt8], path: String) throws(EvaluationInputError) {
    do throws(JSONError) {
      let value = try JSONValue(parsing: bytes)
      let list = if case .array = value { ["questions": value] as JSONValue } else { value }
      var document = try JSONObject(list)
      var questions: [EvaluationMaterial.AskedQuestion] = []
      for var object in try document.objects("questions") {
        questions.append(
          .init(prompt: try object.string("prompt"), answer: try object.string("answer")))
      }
      self.questions = questions
    } catch {
      throw .json(path: path, error)
    }
    if questions.isEmpty || questions.contains(where: { $0.prompt.isEmpty || $0.answer.isEmpty }) {
      throw .emptyQuestion(path: path)
    }
  }
}
