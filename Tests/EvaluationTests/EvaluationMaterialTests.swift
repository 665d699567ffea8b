import FileAccess
import Inference
import Models
import Safetensors
import StrictJSON
import TestSupport
import Testing

@testable import Evaluation

struct EvaluationMaterialTests {
  private let directory: TemporaryDirectory
  private let model: LanguageModel

  init() throws {
    directory = try TemporaryDirectory()
    model = try LanguageModel(StoredModel(path: Fixtures.nano))
  }

  private func material(
    window: Int? = nil, _ read: (inout EvaluationMaterial) throws -> Void
  ) throws -> EvaluationMaterial {
    var material = EvaluationMaterial(for: model, window: window)
    try read(&material)
    return material
  }

  private func refusal(
    _ read: (inout EvaluationMaterial) throws -> Void
  ) -> EvaluationInputError? {
    #expect(throws: EvaluationInputError.self) { _ = try material(read) }
  }

  @Test func `a text is cut into windows, of which the last predicts something`() throws {
    let path = try directory.write("text", "In the beginning")
    for (window, lengths) in [(5, [5, 5, 5]), (6, [6, 6, 4]), (16, [16])] {
      let material = try material(window: window) { try $0.readText(path) }
      let windows = try #require(material.windows())
      #expect(windows.map(\.count) == lengths)
      #expect(windows.flatMap(\.self).starts(with: "In the beginn".utf8.map { Int($0) }))
    }
    #expect(EvaluationMaterial(for: model).windows() == nil)
    #expect(EvaluationMaterial(for: model).window == 128)
  }

  @Test func `the beginning of a text has the bytes asked for, and two tokens at least`() throws {
    let path = try directory.write("text", "In the beginning")
    let material = try material(window: 4) { try $0.readText(path) }
    for (byteCount, lengths) in [(1, [2]), (4, [4]), (6, [4, 2]), (100, [4, 4, 4, 4])] {
      #expect(material.windows(until: byteCount)?.map(\.count) == lengths)
    }
  }

  @Test func `ids are a text too, and files are known by their bytes`() throws {
    let text = try directory.write("text", "In t")
    let ids = try directory.write("ids", "73, 110 32\n116")
    let first = try material { try $0.readText(text) }
    let second = try material { try $0.readTokens(ids) }
    #expect(first.windows() == second.windows())
    guard case .object(let identity)? = first.identity["text"] else { throw CancellationError() }
    #expect(identity["bytes"] == .integer(4))
    #expect(first.identity != second.identity)
    #expect(first.text([73, 110]) == "In")
  }

  @Test func `what is no list of ids is refused with its place`() throws {
    let path = try directory.write("ids", "1, 2 x")
    #expect(refusal { try $0.readTokens(path) } == .notAnID(path: path, index: 2))
  }

  @Test func `a text that predicts nothing is refused`() throws {
    let path = try directory.write("text", "I")
    #expect(refusal { try $0.readText(path) } == .tooShort(path: path))
  }

  @Test(arguments: [
    #"[{"prompt": "ab", "answer": "c"}]"#,
    #"{"questions": [{"prompt": "ab", "answer": "c", "hops": 1}]}"#,
  ])
  func `questions are a list, or an object that has it`(json: String) throws {
    let path = try directory.write("questions", json)
    let material = try material { try $0.readQuestions(path) }
    #expect(material.asked == [.init(prompt: "ab", answer: "c")])
    #expect(material.questions == [.init(prompt: [97, 98], answer: [99])])
    #expect(material.windows() == nil)
  }

  @Test(arguments: ["", "{}", "[1]", #"[{"prompt": "ab"}]"#])
  func `what is no list of questions is refused`(json: String) throws {
    let path = try directory.write("questions", json)
    let refusal = refusal { try $0.readQuestions(path) }
    guard case .json(path, _) = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
  }

  @Test(arguments: ["[]", #"[{"prompt": "", "answer": "c"}]"#, #"[{"prompt": "a", "answer": ""}]"#])
  func `every question has a prompt and an answer`(json: String) throws {
    let path = try directory.write("questions", json)
    #expect(refusal { try $0.readQuestions(path) } == .emptyQuestion(path: path))
  }

  @Test func `what another layer refuses is said as that layer says it`() {
    let file = FileError.notFound(path: "f")
    #expect(
      refusal { try $0.readText(directory("none")) } == .file(.notFound(path: directory("none"))))
    let wrapped: [(any Error, any Error)] = [
      (EvaluationInputError.file(file), file), (LogitsError.file(file), file),
      (EvaluationInputError.model(.noTokenizer), InferenceError.noTokenizer),
      (LogitsError.model(.emptyPrompt), InferenceError.emptyPrompt),
      (LogitsError.safetensors(.file(file)), SafetensorsError.file(file)),
    ]
    for (error, reason) in wrapped { #expect("\(error)" == "\(reason)") }
  }

  @Test func `every error names the file`() {
    let errors: [EvaluationInputError] = [
      .notUTF8(path: "f"), .notAnID(path: "f", index: 1), .tooShort(path: "f"),
      .token(1, position: 2, vocabulary: 3, source: "'f'"), .emptyQuestion(path: "f"),
      .emptyEncoding(path: "f", question: 1),
      .context(path: "f", question: 1, tokens: 2, limit: 3),
    ]
    for error in errors { #expect("\(error)".hasPrefix("'f'")) }
  }
}
