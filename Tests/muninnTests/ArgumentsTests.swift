import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// What the command line may hold, and what a message repeats of it.
struct ArgumentsTests {
  private static let pack = Fixtures.path("expected/huginn-nano-int8.muninn")

  private static func text(_ name: String) -> String {
    String(decoding: (try? Fixtures.bytes("signing/\(name)")) ?? [], as: UTF8.self)
  }

  /// The base64 lines of a key file, whose first line says what it is for.
  private static func body(_ name: String) -> [String] {
    text(name).split(separator: "\n").dropFirst().filter { !$0.hasPrefix("-----") }
      .map { String($0) }
  }

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map { String($0) }
  }

  /// Command lines that hold a key's text where a path goes.
  private static func lines(_ key: String) -> [[String]] {
    let (text, body) = (text(key), body(key))
    return [
      ["sign", pack, "--key", text], ["sign", pack, "--key=\(text)"],
      ["sign", pack, "--key"] + words(text),
      ["verify", pack, "--key", text], ["verify", pack, "--key"] + words(text),
      ["verify", pack, "--signature=\(text)"], ["verify", text], ["convert", text, "/x"],
      ["inspect", "--", text], ["report", pack, "-o", text], ["generate", text, "--prompt", "a"],
      ["nonsense", text], [text], ["help", text], ["verify", pack, "--prompt", text],
      ["generate", pack, "--system", text], ["generate", pack, "--", "--prompt", text],
      ["sign", pack, "--key", body.joined()], ["sign", pack, "--key=\(body.joined())"],
      ["verify", pack, "--key", body.joined(separator: "\n")], ["verify", pack, "--key"] + body,
    ]
  }

  @Test(arguments: ["key.pem", "p384-pkcs8.pem"], [false, true])
  func `the text of a key is never repeated`(key: String, isJSON: Bool) throws {
    let secrets = Self.body(key)
    #expect(!secrets.isEmpty)
    for line in Self.lines(key) {
      let run = try CommandRun((isJSON ? ["--json"] : []) + line)
      #expect(run.status == 64, "\(line)")
      #expect(run.output == "")
      #expect(run.errors.contains("looks like the text of a key"), "\(line): \(run.errors)")
      #expect(run.errors.contains("the path of the key's file"))
      for secret in secrets { #expect(!run.errors.contains(secret.prefix(16))) }
      guard isJSON else { continue }
      var document = try JSONObject(try JSONValue(parsing: Array(run.errors.utf8)))
      var error = try document.object("error")
      #expect(try error.string("code") == "usage")
      #expect(try error.count("exit_code") == 64)
    }
  }

  @Test func `the argument that holds a key is counted`() throws {
    let run = try CommandRun("sign", Self.pack, "--key", Self.text("key.pem"))
    #expect(
      run.errors
        == "muninn: argument 4 looks like the text of a key, so it is not shown; give the "
        + "path of the key's file\n")
  }

  @Test func `a prompt may hold a key's text, and a path may look like base64`() throws {
    let key = Self.text("key.pem")
    for option in [["--prompt", key], ["--prompt=\(key)"], ["--prompt=-----BEGIN"]] {
      let run = try CommandRun(["generate", "/nonexistent/model"] + option)
      #expect(run.status == 1)
      #expect(run.errors == "muninn: '/nonexistent/model' does not exist\n")
    }
    let chat = try CommandRun("chat", "/nonexistent/model", "--system", key)
    #expect(chat.status == 1)
    let path = "/nonexistent/" + String(repeating: "MIGabcdefghijklmnop", count: 4)
    #expect(try CommandRun("inspect", path).errors == "muninn: '\(path)' does not exist\n")
  }

  @Test func `the options whose values are texts are those that take anything`() throws {
    let dump = try CommandRun("--experimental-dump-help").output
    var document = try JSONObject(try JSONValue(parsing: Array(dump.utf8)))
    var root = try document.object("command")
    var found: [String] = []
    for command in try root.objects("subcommands") {
      var command = command
      let verb = try command.string("commandName")
      for argument in try command.objectsIfPresent("arguments") ?? [] {
        var argument = argument
        guard try argument.string("parsingStrategy") == "unconditional" else { continue }
        found.append("\(verb) --\(try argument.string("valueName"))")
      }
    }
    #expect(
      found.sorted()
        == ["chat --system", "generate --prompt", "logits --prompt", "trace --prompt"])
  }

  // MARK: - Bytes

  /// Runs the command with arguments in which `printf` has made bytes of escapes.
  private func run(_ arguments: String, in directory: TemporaryDirectory) throws -> CommandRun {
    let muninn = CommandRun.process([]).executableURL?.path ?? ""
    return try CommandRun(shell: "cd '\(directory.path)' && exec '\(muninn)' \(arguments)")
  }

  @Test func `an argument that is not UTF-8 is refused by its bytes before anything is opened`()
    throws
  {
    let directory = try TemporaryDirectory()
    // What a repaired name would lead to.
    try directory.copy(Self.pack, as: "caf\u{FFFD}.muninn")
    let name = #""$(printf 'caf\351.muninn')""#
    for line in [
      "verify \(name)", "inspect \(name) --tensors", "convert \(name) out",
      "convert \(Fixtures.nano) \(name) --force", "verify x --key=\(name)",
    ] {
      let text = try run(line, in: directory)
      #expect(text.status == 64, "\(line)")
      #expect(text.output == "")
      #expect(text.errors.contains(#"caf\xE9.muninn', is not UTF-8; rename the file"#))
      let json = try run(line + " --json", in: directory)
      #expect(json.status == 64)
      var document = try JSONObject(try JSONValue(parsing: Array(json.errors.utf8)))
      var error = try document.object("error")
      #expect(try error.string("message").contains(#"\xE9"#))
    }
    let escaped = try run(#"inspect "$(printf 'a\377\033[2J\n\303\251b')""#, in: directory)
    #expect(
      escaped.errors
        == #"muninn: argument 2, 'a\xFF\u{1b}[2J\u{a}éb', is not UTF-8; rename the file, "#
        + "or give the path of a link to it\n")
    #expect(directory.names == ["caf\u{FFFD}.muninn"])
  }

  @Test func `the bytes of a key are not repeated either`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("key.der", Self.der)
    let run = try run(#"sign x --key "$(tr -d '\000' <key.der)""#, in: directory)
    #expect(run.status == 64)
    #expect(run.errors.hasPrefix("muninn: argument 4 looks like the text of a key"))
  }

  private static var der: [UInt8] {
    Array(Data(base64Encoded: body("key.pem").joined()) ?? Data())
  }

  // MARK: - Escapes

  @Test(
    arguments: [
      ["verify", "--\u{1B}[2J"], ["verify", "x", "y\u{1B}]0;z\u{7}"], ["\u{9B}31m"],
      ["generate", "x", "--prompt", "a", "--exit", "kl\n\u{1B}[2J"],
      ["generate", "x", "--prompt", "a", "--steps", "1\n2"], ["verify", "x", "-j", "\u{202E}1"],
      ["verify", "x", "-\n"], ["export", "x", "y", "--to", "gguf\r"], ["help", "\u{8}"],
      ["eval", "x", "--reference", "y", "--text", "z", "--steps", "\u{2066}1"],
      ["generate", "x", "--tokens", "1,\u{1B}[2J"],
      ["verify", Fixtures.nano, "--sha256", "a\u{1B}[2J=b"],
      ["convert", Fixtures.nano, "/nonexistent/x", "--weights", "\u{1B}[2J"],
    ])
  func `a usage error repeats no character that drives a terminal`(arguments: [String]) throws {
    let plain = try CommandRun(arguments)
    let json = try CommandRun(arguments + ["--json"])
    for run in [plain, json] where run.status != 0 {
      #expect(run.status == (run.errors.contains("does not exist") ? 1 : 64), "\(run.errors)")
      #expect(
        !run.errors.unicodeScalars.contains {
          [.control, .format].contains($0.properties.generalCategory) && $0 != "\n"
        }, "\(run.errors.debugDescription)")
    }
    #expect(json.errors.split(separator: "\n").count == (json.status == 0 ? 0 : 1))
  }

  @Test func `a line feed in an argument is escaped, those of the parser stay`() throws {
    let run = try CommandRun("verify", "x", "fine\nError: not ours")
    #expect(run.status == 64)
    #expect(run.errors.hasPrefix(#"Error: Unexpected argument 'fine\u{a}Error: not ours'"# + "\n"))
    #expect(run.errors.contains("\nUsage: muninn verify "))
  }
}
