import Foundation
import StrictJSON
import TestSupport
import Testing

/// `muninn eval` and `muninn trace` as a user starts them.
struct EvaluateCommandTests {
  private let nano = Fixtures.nano
  private let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("text", "In the beginning God created the heaven")
    try directory.write(
      "questions",
      #"{"questions": [{"prompt": "ab", "answer": "c", "hops": 1}, {"prompt": "x", "answer": "yz"}]}"#
    )
  }

  private func evaluate(_ arguments: String...) throws -> CommandRun {
    try CommandRun(
      ["eval", pack, "--reference", nano, "--steps", "2,1", "--window", "16"] + arguments)
  }

  private func object(_ run: CommandRun) throws -> JSONObject {
    try JSONObject(JSONValue(parsing: Array(run.output.utf8)))
  }

  @Test func `JSON has the promised list, and every part that was asked for`() throws {
    let run = try evaluate(
      "--text", directory("text"), "--questions", directory("questions"), "--ablate", "kind",
      "--ablate-bytes", "8", "--exit", "latent-diff", "--exit-bytes", "8", "--max-steps", "3",
      "--json")
    #expect(run.status == 0)
    #expect(run.errors == "")
    var result = try object(run)
    #expect(try result.objects("by_recurrence").count == 2)
    #expect(try result.count("predictions") == 36)
    var ablation = try result.object("ablation")
    #expect(try ablation.count("predictions") == 7)
    #expect(try ablation.objects("parts").count == 6)
    var exit = try result.object("exit_shift")
    #expect(try exit.count("tokens") == 7)
    #expect(try exit.count("max_steps") == 3)
    #expect(try result.objects("questions").count == 2)
    #expect(try result.objects("answers").count == 2)
  }

  @Test func `tables are for people, and the bar is held against them`() throws {
    let run = try evaluate("--text", directory("text"), "--max-kl", "0", "--quiet")
    #expect(run.status == 2)
    #expect(run.output.contains("perplexity"))
    #expect(run.errors.contains("above --max-kl 0"))
    #expect(try evaluate("--text", directory("text"), "--max-kl", "1000").status == 0)
  }

  @Test func `a result is kept, refused to another evaluation, and read again`() throws {
    let arguments = ["--text", directory("text"), "--output", directory("out.json"), "--json"]
    let first = try CommandRun(["eval", pack, "--reference", nano, "--steps", "1"] + arguments)
    #expect(first.status == 0)
    let kept = try directory.bytes("out.json")
    #expect(String(decoding: kept, as: UTF8.self) + "\n" == first.output)
    let again = try CommandRun(["eval", pack, "--reference", nano, "--steps", "1"] + arguments)
    #expect(again.status == 1)
    #expect(again.errors.contains("complete"))
    let other = try CommandRun(["eval", pack, "--reference", nano, "--steps", "2"] + arguments)
    #expect(other.status == 1)
    #expect(other.errors.contains("another model, text or setting"))
    #expect(try directory.bytes("out.json") == kept)
    let forced = try CommandRun(
      ["eval", pack, "--reference", nano, "--steps", "2", "--force"] + arguments)
    #expect(forced.status == 0)
    #expect(try directory.bytes("out.json") != kept)
    #expect(directory.names == ["out.json", "questions", "text"])
  }

  @Test func `token ids are a text too`() throws {
    try directory.write("ids", "73, 110 32\n116")
    try directory.write("short", "In t")
    let ids = try evaluate("--tokens", directory("ids"), "--json")
    let text = try evaluate("--text", directory("short"), "--json")
    var (left, right) = (try object(ids), try object(text))
    #expect(try left.take("by_recurrence") == right.take("by_recurrence"))
  }

  @Test(
    arguments: [
      (["--text", "text", "--steps", "x"], 64), (["--text", "text", "--ablate", "x"], 64),
      (["--text", "text", "--exit", "none"], 64), ([], 64),
      (["--questions", "questions", "--max-kl", "1"], 64),
      (["--text", "text", "--window", "100000"], 64), (["--text", "missing"], 1),
      (["--questions", "text"], 1), (["--tokens", "text"], 1),
    ] as [([String], Int32)])
  func `an evaluation that cannot run is refused`(arguments: [String], status: Int32) throws {
    let names = ["text", "questions", "missing"]
    let paths = arguments.enumerated().map { index, argument in
      index % 2 == 1 && names.contains(argument) ? directory(argument) : argument
    }
    let run = try CommandRun(["eval", pack, "--reference", nano] + paths)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.output == "")
    #expect(run.errors != "")
  }

  @Test func `every token is checked against the vocabulary before anything runs`() throws {
    // Two of four windows would be evaluated first.
    let ids = (0..<64).map { "\($0)" } + ["256"]
    let file = try directory.write("ids", ids.joined(separator: " "))
    for bad in ["256", "-1", "9223372036854775807"] {
      try directory.write("ids", (ids.dropLast() + [bad, "1"]).joined(separator: " "))
      let run = try evaluate("--tokens", file, "--output", directory("out.json"))
      #expect(run.status == 1)
      #expect(
        run.errors
          == "muninn: '\(file)': token \(bad) at position 64, counted from 0, is outside the "
          + "vocabulary of 256\n")
    }
    #expect(directory.names == ["ids", "questions", "text"])
  }

  @Test func `a question beyond the context is refused before anything runs`() throws {
    let long = String(repeating: "a", count: 127)
    func questions(_ answers: [String]) throws -> CommandRun {
      let list = answers.map { #"{"prompt": "\#(long)", "answer": "\#($0)"}"# }
      let file = try directory.write("long", "[\(list.joined(separator: ","))]")
      return try evaluate("--questions", file, "--output", directory("out.json"))
    }
    let run = try questions(["bc", "bcd"])
    #expect(run.status == 1)
    #expect(
      run.errors
        == "muninn: '\(directory("long"))', question 1: prompt and answer take 129 tokens, more "
        + "than the model's context of 128\n")
    #expect(!directory.names.contains("out.json"))
    #expect(try questions(["bc"]).status == 0)
  }

  @Test func `models of other sizes are not compared`() throws {
    let run = try CommandRun(
      "eval", pack, "--reference", Fixtures.tiny, "--text", directory("text"))
    #expect(run.status == 1)
    #expect(run.errors.contains("are different models"))
  }

  @Test func `a trace is a directory of pictures with its numbers`() throws {
    let run = try CommandRun(
      "trace", pack, "--over", nano, "--prompt", "Go", "--steps", "9", "--output",
      directory("trace"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("drew 2 trajectory pictures"))
    let names = try FileManager.default.contentsOfDirectory(atPath: directory("trace")).sorted()
    #expect(
      names == ["token-000.png", "token-000.svg", "token-001.png", "token-001.svg", "trace.json"])
    #expect(try directory.bytes("trace/token-000.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try directory.bytes("trace/token-000.svg").starts(with: Array("<svg".utf8)))
    let again = try CommandRun(
      "trace", pack, "--prompt", "G", "--steps", "9", "--output", directory("trace"))
    #expect(again.status == 1)
    let forced = try CommandRun(
      "trace", pack, "--prompt", "G", "--steps", "9", "--output", directory("trace"), "--force",
      "--json")
    #expect(forced.status == 0)
    var trace = try object(forced)
    #expect(try trace.objects("tokens").count == 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory("trace")).count == 3)
  }

  @Test(arguments: [["--steps", "7"], ["--tokens", "1,x"], ["--prompt", ""]])
  func `a trace that cannot run is refused`(arguments: [String]) throws {
    let prompt = arguments[0] == "--steps" ? ["--prompt", "G"] : []
    let run = try CommandRun(["trace", pack, "--output", directory("t")] + prompt + arguments)
    #expect(run.status == 64, "\(run.errors)")
    #expect(!directory.names.contains("t"))
  }
}

/// `muninn report` as a user starts it.
struct ReportCommandTests {
  private let pack = Fixtures.path("expected/huginn-nano-int8.muninn")

  @Test func `a report is one file, of this pack's evaluation only`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("text", "In the beginning")
    let page = directory("report.html")
    for (measured, name) in [(pack, "pack.json"), (Fixtures.nano, "checkpoint.json")] {
      let run = try CommandRun(
        "eval", measured, "--reference", Fixtures.nano, "--text", directory("text"), "--steps", "1",
        "--output", directory(name), "--quiet")
      #expect(run.status == 0, "\(run.errors)")
    }
    let wrong = try CommandRun(
      "report", pack, "--eval", directory("checkpoint.json"), "--output", page)
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("is an evaluation of another pack"))
    #expect(
      try CommandRun("report", pack, "--eval", directory("text"), "--output", page).status == 1)
    #expect(!directory.names.contains("report.html"))
    let run = try CommandRun(
      "report", pack, "--eval", directory("pack.json"), "--output", page, "--json")
    #expect(run.status == 0, "\(run.errors)")
    let bytes = try directory.bytes("report.html")
    #expect(run.output.contains("\"bytes\":\(bytes.count)"))
    #expect(String(decoding: bytes, as: UTF8.self).contains("Damage by recurrence"))
    let again = try CommandRun("report", pack, "--output", page)
    #expect(again.status == 1)
    #expect(try directory.bytes("report.html") == bytes)
    #expect(try CommandRun("report", pack, "--output", page, "--force").status == 0)
    #expect(try directory.bytes("report.html") != bytes)
  }
}
