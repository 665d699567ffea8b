import FileAccess
import HuginnModel
import Models
import TestSupport
import Testing

/// Files beside the weights are looked at before they are vouched for.
struct SidecarCheckTests {
  private let small: SmallCheckpoint

  init() throws {
    small = try SmallCheckpoint()
    try small.write()
  }

  private func findings(_ name: String, _ text: String) throws -> [Diagnostic] {
    try small.directory.write(name, text)
    return try StoredModel(path: small.directory.path).sidecarDiagnostics()
  }

  @Test(
    arguments: ["tokenizer.json", "generation_config.json", "tokenizer_config.json"],
    [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git-lfs pointer"),
      ("<!DOCTYPE html><html>", "web page"), ("", "the file is empty"),
      (#"{"a": [1, 2"#, "ends at byte 11"), ("\u{FEFF}{}", "byte order mark"),
      ("{}{", "expected the end"),
    ])
  func `a file that is not what its name says is an error`(
    name: String, content: (text: String, words: String)
  ) throws {
    let findings = try findings(name, content.text)
    #expect(findings.map(\.code) == [.sidecarMalformed])
    #expect(findings.first?.subject == name && findings.first?.severity == .error)
    #expect(findings.first?.found?.contains(content.words) == true)
  }

  @Test(arguments: [
    ("generation_config.json", #"{"temperature": NaN, "top_p": Infinity, "x": null}"#),
    ("tokenizer_config.json", #"{"model_max_length": 1000000000000000019884624838656}"#),
    ("tokenizer_config.json", #"{"a": 1, "a": 2}"#), ("LICENSE", ""),
    ("LICENSE.html", "<!DOCTYPE html>"), ("chat_template.jinja", "{{ messages }}"),
  ])
  func `files that people legitimately have are not findings`(name: String, text: String) throws {
    #expect(try findings(name, text) == [])
  }

  @Test func `a template that is a web page or a pointer is an error`() throws {
    #expect(try findings("chat_template.jinja", "<html>").map(\.code) == [.sidecarMalformed])
  }
}
