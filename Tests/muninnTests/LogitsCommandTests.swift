import Foundation
import StrictJSON
import TestSupport
import Testing

/// `muninn logits` as a user starts it.
struct LogitsCommandTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// What the authors' code gives for the tokens of the golden file.
  private static let golden = "checkpoints/huginn-nano/golden.safetensors"
  private static let tokens = (try? Fixtures.integers("input_ids", in: golden)) ?? []
  private static let list = tokens.map { "\($0)" }.joined(separator: ",")

  /// The data of a file, after its header.
  private func floats(_ name: String, at offset: Int, count: Int) throws -> [Float] {
    let bytes = try directory.bytes(name)
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    return Data(bytes[(8 + header + offset)...]).withUnsafeBytes { data in
      (0..<count).map { data.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  @Test(arguments: [0, 4])
  func `the file holds the reference's logits, of more tokens than one part`(steps: Int) throws {
    let run = try CommandRun(
      "logits", Fixtures.nano, "--tokens", Self.list, "--steps", "\(steps)", "--output",
      directory("logits"), "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try JSONValue(parsing: Array(run.output.utf8)) == [
        "logits": .string(directory("logits")), "steps": .integer(steps), "tokens": 33,
        "vocabulary": 256,
      ])
    let expected = try Fixtures.floats("zero_state.steps_\(steps).logits", in: Self.golden)
    let found = try floats("logits", at: 8 * 33, count: expected.count)
    let largest = expected.map(\.magnitude).max() ?? 0
    let difference = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(expected.count == 33 * 256)
    #expect(difference <= 2e-5 * largest)
  }

  @Test func `a text gives the same bytes as its tokens, with any number of threads`() throws {
    func written(_ name: String, _ arguments: String...) throws -> [UInt8] {
      let run = try CommandRun(
        ["logits", Fixtures.tiny, "--steps", "2", "--output", directory(name)] + arguments)
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.output == "wrote '\(directory(name))': logits of 3 tokens, vocabulary 256, "
          + "after 2 recurrences\n")
      return try directory.bytes(name)
    }
    let text = try written("text", "--prompt", "God", "-j", "1")
    #expect(try written("ids", "--tokens", "71,111,100", "-j", "3") == text)
  }

  @Test func `an existing file is replaced only by --force`() throws {
    let arguments = ["logits", Fixtures.nano, "--tokens", "1", "--output", directory("logits")]
    #expect(try CommandRun(arguments).status == 0)
    let again = try CommandRun(arguments)
    #expect(again.status == 1)
    #expect(again.errors.contains(directory("logits")))
    #expect(try CommandRun(arguments + ["--force"]).status == 0)
    #expect(directory.names == ["logits"])
  }

  /// What cannot be run, and the exit code.
  private static let refusals: [([String], Int32)] = [
    ([], 64), (["--prompt", "a", "--tokens", "1"], 64), (["--tokens", "1", "--steps", "-1"], 64),
    (["--tokens", "1,x"], 64), (["--tokens", ""], 1), (["--tokens", "1,2,256"], 1),
  ]

  @Test(arguments: refusals)
  func `a model that cannot be run leaves no file`(arguments: [String], status: Int32) throws {
    let run = try CommandRun(
      ["logits", Fixtures.nano, "--output", directory("logits")] + arguments)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.output == "")
    #expect(directory.names.isEmpty)
  }
}
