import FileAccess
import Foundation
import HuginnModel
import Inference
import Models
import TestSupport
import Testing
import Tokenization

/// A model with its vocabulary, and where its texts end.
struct LanguageModelTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func nano(_ files: [String: String] = [:]) throws -> StoredModel {
    let path = directory("nano")
    if !directory.names.contains("nano") { try directory.copy(Fixtures.nano, as: "nano") }
    for (name, text) in files { try directory.write("nano/\(name)", text) }
    return try StoredModel(path: path)
  }

  @Test func `a model of bytes without a tokenizer takes each byte as a token`() throws {
    let model = try LanguageModel(try nano())
    #expect(try model.vocabulary.encode("aé") == [97, 195, 169])
    #expect(model.vocabulary.bytes(of: 97) == [97])
  }

  @Test func `a tokenizer that cannot be read, or is another model's, is refused`() throws {
    let path = directory("nano/tokenizer.json")
    let broken = try nano(["tokenizer.json": "{"])
    #expect {
      try LanguageModel(broken)
    } throws: { error in
      if case InferenceError.tokenizer = error { true } else { false }
    }
    try FileManager.default.removeItem(atPath: path)
    try directory.copy(Fixtures.path("tokenizer/tokenizer.json"), as: "nano/tokenizer.json")
    #expect(throws: InferenceError.tokenizerSize(path: path, tokens: 2048, rows: 256)) {
      try LanguageModel(try StoredModel(path: directory("nano")))
    }
  }

  @Test func `a large vocabulary without a tokenizer takes ids alone`() throws {
    let vocabulary = Vocabulary.none
    #expect(throws: InferenceError.noTokenizer) { try vocabulary.encode("text") }
    #expect(vocabulary.bytes(of: 300) == Array("300 ".utf8))
  }

  @Test func `models of other sizes are not compared`() throws {
    let nano = try LanguageModel(try nano())
    let tiny = try LanguageModel(try StoredModel(path: Fixtures.tiny))
    #expect(
      throws: InferenceError.otherSizes(path: Fixtures.tiny, reference: directory("nano"))
    ) { try tiny.checkSizes(equal: nano) }
    try nano.checkSizes(equal: nano)
  }

  @Test func `a text ends where generation_config says, or failing that the config`() throws {
    #expect(
      try LanguageModel(try nano(["generation_config.json": #"{"eos_token_id": [3, 4]}"#])).stops
        == [3, 4])
    let config = String(
      decoding: try directory.bytes("nano/config.json"), as: UTF8.self)
    let ended = config.replacing("{", with: #"{"eos_token_id": 9, "x": NaN,"#, maxReplacements: 1)
    for text in ["{}", #"{"eos_token_id": null}"#] {
      let model = try LanguageModel(
        try nano(["generation_config.json": text, "config.json": ended]))
      #expect(model.stops == [9] && model.warnings.isEmpty)
    }
  }

  @Test(arguments: ["{", "", "[]", "version https://git-lfs", #"{"eos_token_id": "3"}"#])
  func `a file that cannot be read is not treated as absent`(text: String) throws {
    let model = try LanguageModel(try nano(["generation_config.json": text]))
    #expect(model.warnings.map(\.code) == [.sidecarUnread])
    #expect(model.warnings.first?.subject == "generation_config.json")
  }
}
