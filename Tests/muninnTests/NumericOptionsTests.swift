import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// Numbers at the ends of what a number can be, for every option of every verb that takes one.
struct NumericOptionsTests {
  /// Zeros, the smallest and the largest of both types, what is beyond them, and what is no number.
  private static let numbers = [
    "0", "-0", "1e-45", "4.9e-324", "1.7976931348623157e308", "inf", "-inf", "nan", "-1",
    "9223372036854775807", "9223372036854775808", "1e999",
  ]

  /// Options whose values are names, paths or texts.
  private static let textOptions: Set<String> = [
    "ablate", "cpu-level", "dtype", "eval", "key", "only", "output", "over", "preset", "prompt",
    "questions",
    "recipe", "reference", "scheme", "sha256", "signature", "source", "state", "system", "text",
    "to", "trace", "variant",
  ]

  /// A command line for each option: the last word sets it, with NUMBER in its value.
  private static let lines = [
    "inspect": ["NANO --fit=NUMBER", "NANO --fit 1 --fit-steps=NUMBER"],
    "validate": ["NANO --jobs=NUMBER"],
    "convert": ["weights", "embedding", "prelude", "core", "coda"].map {
      "NANO TARGET --\($0)=int8:NUMBER"
    } + [
      "NANO TARGET --tensor=*=int8:NUMBER", "NANO TARGET --jobs=NUMBER",
      "NANO TARGET --dry-run --fit=NUMBER", "NANO TARGET --dry-run --fit 1 --fit-steps=NUMBER",
    ],
    "verify": ["PACK --jobs=NUMBER"],
    "sign": ["PACK --key KEY --jobs=NUMBER"],
    "diff": ["NANO PACK --tolerance=NUMBER", "NANO PACK --jobs=NUMBER"],
    "export": [
      "NANO TARGET --to safetensors --shard-size=NUMBER",
      "NANO TARGET --to safetensors --shard-size=NUMBERGB",
      "NANO TARGET --to safetensors --jobs=NUMBER",
    ],
    "archive": ["PACK -o TARGET --level=NUMBER", "PACK -o TARGET --jobs=NUMBER"],
    "unarchive": ["/nonexistent/archive TARGET --jobs=NUMBER"],
    "generate": depths.map { "NANO --prompt a --max-tokens 2 \($0)" }
      + samplings.map { "NANO --prompt a --max-tokens 2 --steps 1 --temperature 1 \($0)" } + [
        "NANO --steps 1 --max-tokens 1 --tokens=NUMBER",
        "NANO --prompt a --steps 1 --max-tokens 2 --repetition-penalty=NUMBER",
        "NANO --prompt a --steps 1 --max-tokens=NUMBER",
        "NANO --prompt a --steps 1 --max-tokens 2 --draft-steps=NUMBER",
        "NANO --prompt a --steps 1 --max-tokens 2 --draft-steps 1 --draft-tokens=NUMBER",
        "NANO --prompt a --steps 1 --max-tokens 2 --jobs=NUMBER",
      ],
    "chat": (depths + samplings + ["--max-tokens=NUMBER", "--jobs=NUMBER"]).map { "NANO \($0)" },
    "logits": [
      "NANO -o TARGET --steps 1 --tokens=NUMBER", "NANO --prompt a -o TARGET --steps=NUMBER",
      "NANO --prompt a -o TARGET --steps 1 --jobs=NUMBER",
    ],
    "eval": [
      "--steps=NUMBER", "--steps 1 --window=NUMBER", "--steps 1 --max-kl=NUMBER",
      "--steps 1 --ablate stage --ablate-bytes=NUMBER", "--steps 1 --exit=kl:NUMBER",
      "--steps 1 --exit kl --exit-bytes=NUMBER", "--steps 1 --exit kl --max-steps=NUMBER",
      "--steps 1 --jobs=NUMBER",
    ].map { "PACK --reference NANO --text TEXT \($0)" }
      + ["PACK --reference NANO --steps 1 --tokens=IDS-NUMBER"],
    "trace": [
      "NANO -o TARGET --steps 9 --tokens=NUMBER", "NANO --prompt a -o TARGET --steps=NUMBER",
      "NANO --prompt a -o TARGET --steps 9 --jobs=NUMBER",
    ],
    "report": ["PACK -o TARGET --jobs=NUMBER"],
  ]

  private static let depths = [
    "--steps=NUMBER", "--exit=kl:NUMBER", "--exit=argmax-stability:NUMBER",
    "--exit kl --min-steps=NUMBER", "--exit kl --max-steps=NUMBER", "--cache=share:NUMBER",
    "--steps 1 --state random --seed=NUMBER",
  ]

  private static let samplings = [
    "--temperature=NUMBER", "--top-k=NUMBER", "--top-p=NUMBER", "--min-p=NUMBER",
    "--repetition-penalty=NUMBER",
  ]

  /// The options of a verb, by their long names, as the parser itself lists them.
  private static func options(of command: JSONObject) throws -> Set<String> {
    var command = command
    return try Set(
      command.objects("arguments").compactMap { argument in
        var argument = argument
        guard try argument.string("kind") == "option" else { return nil }
        return try argument.objects("names").compactMap { name in
          var name = name
          return try name.string("kind") == "long" ? try name.string("name") : nil
        }.first
      })
  }

  @Test func `every option is known as a text, or is tried with numbers`() throws {
    let dump = try CommandRun("--experimental-dump-help").output
    var document = try JSONObject(try JSONValue(parsing: Array(dump.utf8)))
    var root = try document.object("command")
    var verbs: Set<String> = []
    for command in try root.objects("subcommands") {
      var command = command
      let verb = try command.string("commandName")
      if verb == "help" { continue }
      let options = try Self.options(of: command)
      let tried = Set(
        (Self.lines[verb] ?? []).compactMap { line in
          line.split(separator: " ").last?.dropFirst(2).prefix { $0 != "=" }
        }.map { String($0) })
      #expect(options.subtracting(Self.textOptions).subtracting(tried) == [], "\(verb)")
      #expect(tried.subtracting(options) == [], "\(verb)")
      verbs.insert(verb)
    }
    #expect(verbs == Set(Self.lines.keys))
  }

  @Test(arguments: lines.keys.sorted())
  func `a number ends in a sentence or a result`(verb: String) throws {
    let directory = try TemporaryDirectory()
    let pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "nano.muninn")
    let text = try directory.write("text", "In t")
    for line in Self.lines[verb] ?? [] {
      for number in Self.numbers {
        let ids = try directory.write("ids-\(number)", "1 2 \(number)")
        let words = line.split(separator: " ").map { word -> String in
          switch word {
          case "NANO": Fixtures.nano
          case "PACK": pack
          case "KEY": Fixtures.path("signing/key.pem")
          case "TEXT": text
          case "TARGET": directory("target")
          default: String(word).replacing("IDS-NUMBER", with: ids).replacing("NUMBER", with: number)
          }
        }
        let isJSON = verb != "chat"
        let run = try CommandRun([verb] + words + (isJSON ? ["--json"] : []))
        let name = "\(verb) \(line.replacing("NUMBER", with: number))"
        #expect([0, 1, 2, 64].contains(run.status) && !run.wasKilled, "\(name): \(run.status)")
        if isJSON { try check(run, name) }
        try? FileManager.default.removeItem(atPath: directory("target"))
        try? FileManager.default.removeItem(atPath: directory("nano.muninn/model.sig"))
      }
    }
  }

  /// A result, or an error, and either is JSON.
  private func check(_ run: CommandRun, _ name: String) throws {
    for line in (run.output + run.errors).split(separator: "\n") {
      #expect(throws: Never.self, "\(name): \(line)") { try JSONValue(parsing: Array(line.utf8)) }
    }
    let isResult = run.status == 0 || run.status == 2
    #expect(isResult == !run.output.isEmpty, "\(name)")
    #expect(isResult || run.errors.contains(#""message":""#), "\(name)")
  }

  @Test(arguments: [
    ("diff", ["--tolerance=inf"], "--tolerance must be a finite number, 0 or greater."),
    ("generate", ["--temperature=inf"], "--temperature must be a finite number, 0 or greater."),
    (
      "generate", ["--repetition-penalty=nan"],
      "--repetition-penalty must be a finite number above 0."
    ),
    ("generate", ["--draft-steps=4097"], "--draft-steps must be between 1 and 4096."),
    ("eval", ["--max-kl=inf"], "--max-kl must be a finite number, 0 or greater."),
  ])
  func `a value that an option does not accept is a usage error with its range`(
    verb: String, flags: [String], message: String
  ) throws {
    let operands = [
      "diff": [Fixtures.nano, Fixtures.nano], "generate": [Fixtures.nano, "--prompt", "a"],
      "eval": [Fixtures.nano, "--reference", Fixtures.nano, "--text", "/nonexistent"],
    ]
    let run = try CommandRun([verb] + (operands[verb] ?? []) + flags)
    #expect(run.status == 64)
    #expect(run.errors.hasPrefix("Error: \(message)\n"))
  }
}
