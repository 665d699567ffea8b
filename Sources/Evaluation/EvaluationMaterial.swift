import FileAccess
import HuginnModel
public import Inference
import Integrity
import Tensors
public import StrictJSON

/// The text and the questions that a model is evaluated on, as its tokens.
public struct EvaluationMaterial: Sendable {
  /// A question as the file has it.
  public struct AskedQuestion: Equatable, Sendable {
    /// What the model is given.
    public let prompt: String
    /// What should follow it.
    public let answer: String
  }

  /// The tokens of a window of the text, at most the model's context.
  public let window: Int
  /// The digests of the files, whatever they are called.
  public private(set) var identity: [String: JSONValue] = [:]
  /// The questions as the file has them.
  public private(set) var asked: [AskedQuestion] = []
  /// The same as tokens; nil without any.
  private(set) var questions: [QuestionEvaluation.Question]?
  private(set) var tokens: [Int] = []
  private let model: LanguageModel

  /// The tokens of a window where the caller does not say.
  public static let defaultWindow = 256

  /// The most bytes that a text or a file of questions may have.
  private static let byteLimit = 256 << 20

  /// Nothing yet.
  ///
  /// - Parameters:
  ///   - model: whose tokens are meant.
  ///   - window: from 2 to the model's context; nil for ``defaultWindow``, or the context if that is
  ///     less.
  public init(for model: LanguageModel, window: Int? = nil) {
    let limit = model.model.config.contextLength
    precondition((2...limit).contains(window ?? limit), "a window predicts, and fits the context")
    self.model = model
    self.window = window ?? min(Self.defaultWindow, limit)
  }

  /// Takes a text file, which the model's tokenizer encodes.
  ///
  /// - Throws: ``EvaluationInputError``.
  public mutating func readText(_ path: String) throws(EvaluationInputError) {
    let bytes = try read(path, as: "text")
    // Bytes are their own tokens, whether they are UTF-8 or not.
    if case .bytes = model.vocabulary { return try take(bytes.map { Int($0) }, from: path) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(path: path) }
    try take(encode(text), from: path)
  }

  /// Takes a file of token ids, separated by spaces or commas.
  ///
  /// - Throws: ``EvaluationInputError``.
  public mutating func readTokens(_ path: String) throws(EvaluationInputError) {
    var ids: [Int] = []
    for part in try read(path, as: "text").split(whereSeparator: { $0 == 0x2C || $0 <= 0x20 }) {
      guard let id = Int(String(decoding: part, as: UTF8.self)) else {
        throw .notAnID(path: path, index: ids.count)
      }
      ids.append(id)
    }
    try take(ids, from: path)
  }

  /// Takes a file of questions: JSON, a list of `{prompt, answer}` or an object with it as
  /// `questions`.
  ///
  /// - Throws: ``EvaluationInputError``.
  public mutating func readQuestions(_ path: String) throws(EvaluationInputError) {
    let asked = try QuestionFile(parsing: try read(path, as: "questions"), path: path).questions
    var questions: [QuestionEvaluation.Question] = []
    for (index, question) in asked.enumerated() {
      let (prompt, answer) = (try encode(question.prompt), try encode(question.answer))
      try model.model.check(prompt + answer, from: "\(path.quoted), question \(index)")
      guard !prompt.isEmpty, !answer.isEmpty else {
        throw .emptyEncoding(path: path, question: index)
      }
      // The last token is predicted and not taken.
      let (count, limit) = (prompt.count + answer.count - 1, model.model.config.contextLength)
      guard count <= limit else {
        throw .context(path: path, question: index, tokens: count, limit: limit)
      }
      questions.append(.init(prompt: prompt, answer: answer))
    }
    (self.asked, self.questions) = (asked, questions)
  }

  /// The windows of the text, or of its beginning.
  ///
  /// - Parameter byteCount: how many bytes at least, of two tokens at least; nil for all.
  /// - Returns: the tokens of each window; nil without a text.
  public func windows(until byteCount: Int? = nil) -> [[Int]]? {
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

  /// What tokens are written as.
  public func text(_ tokens: [Int]) -> String {
    String(decoding: tokens.flatMap { model.vocabulary.bytes(of: $0) }, as: UTF8.self)
  }

  // MARK: - Reading

  /// The bytes of a file, whose digest is kept under a name.
  private mutating func read(
    _ path: String, as name: String
  ) throws(EvaluationInputError) -> [UInt8] {
    let bytes = try EvaluationInputError.wrapping(
      InputFile.contents(of: path, limit: Self.byteLimit))
    identity[name] = [
      "bytes": .integer(bytes.count), "sha256": .string("\(Digest(of: bytes.span.rawBytes))"),
    ]
    return bytes
  }

  private func encode(_ text: String) throws(EvaluationInputError) -> [Int] {
    try EvaluationInputError.wrapping(model.vocabulary.encode(text), as: EvaluationInputError.model)
  }

  private mutating func take(_ ids: [Int], from path: String) throws(EvaluationInputError) {
    try model.model.check(ids, from: path.quoted)
    guard ids.count > 1 else { throw .tooShort(path: path) }
    tokens = ids
  }
}

extension Model {
  /// Checks that the model has tokens, before it runs on any of them.
  ///
  /// - Parameters:
  ///   - ids: the tokens.
  ///   - source: where they are from, which the message begins with.
  /// - Throws: ``EvaluationInputError/token(_:position:vocabulary:source:)`` for the first that the
  ///   vocabulary does not have.
  public func check(
    _ ids: [Int], from source: @autoclosure () -> String
  ) throws(EvaluationInputError) {
    let count = config.paddedVocabularySize
    guard let position = ids.firstIndex(where: { !(0..<count).contains($0) }) else { return }
    throw .token(ids[position], position: position, vocabulary: count, source: source())
  }
}
