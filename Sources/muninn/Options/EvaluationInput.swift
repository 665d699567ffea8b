import ArgumentParser
import Evaluation
import FileAccess
import HuginnModel
import Inference
import Integrity
import StrictJSON
import Tensors

/// The inputs of an evaluation.
struct EvaluationInput: ParsableArguments {
  @Option(
    help: ArgumentHelp("A text file, which the model's tokenizer encodes.", valueName: "file"))
  var text: String?

  @Option(
    help: ArgumentHelp("A file of token ids, separated by spaces or commas.", valueName: "file"))
  var tokens: String?

  @Option(
    help: ArgumentHelp(
      "A JSON file of questions: a list of {prompt, answer}, or an object with it as 'questions'.",
      valueName: "file"))
  var questions: String?

  @Option(
    help: ArgumentHelp(
      "Cut the text into windows of N tokens, each run alone (default: 256).", valueName: "n"))
  var window: Int?

  var hasText: Bool { text != nil || tokens != nil }

  func validate() throws {
    if text != nil && tokens != nil {
      throw ValidationError("Give either --text or --tokens, not both.")
    }
    if !hasText && questions == nil {
      throw ValidationError("Give --text, --tokens or --questions.")
    }
    if let window, window < 2 { throw ValidationError("--window must be at least 2.") }
  }

  /// The most bytes a text or a list of questions may have.
  private static let byteLimit = 256 << 20

  /// Reads the files.
  func read(_ model: LanguageModel) throws(Failure) -> EvaluationMaterial {
    let limit = model.model.config.contextLength
    let window = self.window ?? min(256, limit)
    guard window <= limit else {
      throw Failure(
        .usage, code: "usage",
        message: "--window \(window) exceeds the model's context of \(limit) tokens")
    }
    var material = EvaluationMaterial(window: window, model: model)
    if let path = text ?? tokens {
      let bytes = try failing { try InputFile.contents(of: path, limit: Self.byteLimit) }
      material.identity["text"] = Self.identity(bytes)
      material.tokens = try text != nil ? Self.encode(bytes, path, model) : Self.ids(bytes, path)
      try model.model.check(material.tokens, from: path.quoted)
      guard material.tokens.count > 1 else {
        throw Failure(
          .failure, code: "refused",
          message: "\(path.quoted) has fewer than 2 tokens, so there is nothing to predict")
      }
    }
    if let questions {
      let bytes = try failing { try InputFile.contents(of: questions, limit: Self.byteLimit) }
      material.identity["questions"] = Self.identity(bytes)
      material.asked = try QuestionFile(bytes, path: questions).questions
      let encode = { (text: String) throws(Failure) in
        try failing { try model.vocabulary.encode(text) }
      }
      let encoded = try material.asked.enumerated().map { index, question throws(Failure) in
        let (prompt, answer) = (try encode(question.prompt), try encode(question.answer))
        let place = "\(questions.quoted), question \(index)"
        try model.model.check(prompt + answer, from: place)
        guard !prompt.isEmpty, !answer.isEmpty else {
          throw Failure(
            .failure, code: "refused",
            message: "\(place): the prompt or the answer encodes to no tokens")
        }
        // The last token is predicted and not taken.
        let count = prompt.count + answer.count - 1
        guard count <= limit else {
          throw Failure(
            .failure, code: "refused",
            message: "\(place): prompt and answer take \(count) tokens, more than the model's "
              + "context of \(limit)")
        }
        return QuestionEvaluation.Question(prompt: prompt, answer: answer)
      }
      material.questions = encoded
    }
    return material
  }

  private static func identity(_ bytes: [UInt8]) -> JSONValue {
    [
      "bytes": .integer(bytes.count),
      "sha256": .string("\(Digest(of: bytes.span.rawBytes))"),
    ]
  }

  private static func encode(
    _ bytes: [UInt8], _ path: String, _ model: LanguageModel
  ) throws(Failure) -> [Int] {
    // Bytes are their own tokens, whether they are UTF-8 or not.
    if case .bytes = model.vocabulary { return bytes.map { Int($0) } }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.failure, code: "refused", message: "\(path.quoted) is not UTF-8")
    }
    return try failing { try model.vocabulary.encode(text) }
  }

  private static func ids(_ bytes: [UInt8], _ path: String) throws(Failure) -> [Int] {
    var ids: [Int] = []
    for part in bytes.split(whereSeparator: { $0 == 0x2C || $0 <= 0x20 }) {
      guard let id = Int(String(decoding: part, as: UTF8.self)) else {
        throw Failure(
          .failure, code: "refused",
          message: "\(path.quoted): token \(ids.count) is not a number, expected ids separated "
            + "by spaces or commas")
      }
      ids.append(id)
    }
    return ids
  }
}

/// Tokens and questions, read.
struct EvaluationMaterial {
  let window: Int
  let model: LanguageModel
  /// What names the files, whatever they are called.
  var identity: [String: JSONValue] = [:]
  var tokens: [Int] = []
  var asked: [QuestionFile.Question] = []
  /// The same as tokens; nil without any.
  var questions: [QuestionEvaluation.Question]?

  /// The windows of the text's first bytes, or of all; nil without a text.
  func windows(until byteCount: Int?) -> [[Int]]? {
    guard !tokens.isEmpty else { return nil }
    var count = tokens.count
    if let byteCount {
      var sum = 0
      count = 0
      while count < tokens.count, sum < byteCount {
        sum += max(1, model.vocabulary.bytes(of: tokens[count]).count)
        count += 1
      }
      count = min(tokens.count, max(2, count))
    }
    return TextEvaluation.windows(of: Array(tokens[..<count]), length: window)
  }

}

/// A file of questions.
struct QuestionFile {
  /// A prompt and what should follow it.
  struct Question {
    let prompt: String
    let answer: String
  }

  let questions: [Question]

  /// Reads a list of objects with `prompt` and `answer`, or an object that has it as `questions`.
  init(_ bytes: [UInt8], path: String) throws(Failure) {
    do throws(JSONError) {
      let value = try JSONValue(parsing: bytes)
      let list = if case .array = value { ["questions": value] as JSONValue } else { value }
      var document = try JSONObject(list)
      var questions: [Question] = []
      for var object in try document.objects("questions") {
        questions.append(
          Question(prompt: try object.string("prompt"), answer: try object.string("answer")))
      }
      self.questions = questions
    } catch {
      throw Failure(.failure, code: "refused", message: "\(path.quoted): \(error)")
    }
    if questions.isEmpty || questions.contains(where: { $0.prompt.isEmpty || $0.answer.isEmpty }) {
      throw Failure(
        .failure, code: "refused",
        message: "\(path.quoted): there must be at least one question, and each needs a prompt and "
          + "an answer")
    }
  }
}
