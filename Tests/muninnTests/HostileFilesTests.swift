import FileAccess
import Foundation
import TestSupport
import Testing

/// What is no file, too large or not to be read, wherever the command line takes a path: it is
/// refused at once, and neither waited for nor read without end.
@Suite(.timeLimit(.minutes(10)))
struct HostileFilesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Runs a verb, which must refuse what is there, name it, and leave nothing.
  private func check(_ argument: PathArgument) throws {
    let path = directory("there")
    let run = try CommandRun(argument.commandLine(path, target: directory("target")))
    // What is verified or validated is found wanting; to have no weights is that, too.
    let isObject = ["validate checkpoint", "verify path", "verify signature"]
      .contains(argument.name)
    #expect(run.status == 1 || (isObject && run.status == 2), "\(run.status): \(run.errors)")
    // A file of weights is told by its name, or by the directory of the checkpoint that it is.
    let told = run.output + run.errors
    #expect(told.contains("'there'") || told.contains(directory.path), "\(told)")
    #expect(directory.names == ["there"])
  }

  @Test(arguments: PathArgument.sources, OtherKind.allCases)
  func `something other than a file, or an empty directory`(
    argument: PathArgument, kind: OtherKind
  ) throws {
    try kind.put(at: directory("there"))
    try check(argument)
  }

  @Test(arguments: PathArgument.sources)
  func `a file larger than any memory`(argument: PathArgument) throws {
    try directory.write("there", [UInt8]())
    try #require(truncate(directory("there"), 1 << 40) == 0)
    try check(argument)
  }

  @Test(arguments: PathArgument.sources) func `an empty file`(argument: PathArgument) throws {
    try directory.write("there", [UInt8]())
    try check(argument)
  }

  @Test(arguments: OtherKind.allCases)
  func `something other than a file in a pack is a fault of the pack`(kind: OtherKind) throws {
    let pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "there")
    for name in ["coda.seg", "manifest.json"] {
      try kind.put(at: Path.join(pack, name))
      let run = try CommandRun("verify", pack)
      #expect(run.status == 2, "\(name): \(run.errors)")
      #expect(run.errors == "" && run.output.contains(name), "\(run.output)")
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"), arguments: PathArgument.sources)
  func `a file that may not be read`(argument: PathArgument) throws {
    try directory.write("there", "{}")
    chmod(directory("there"), 0)
    try check(argument)
  }

  @Test(arguments: PathArgument.targets, OtherKind.allCases)
  func `something other than a file is neither replaced nor written to`(
    argument: PathArgument, kind: OtherKind
  ) throws {
    let path = directory("there")
    try kind.put(at: path)
    // A directory of nothing may be replaced by one.
    if kind == .directory { try directory.write("there/notes", "kept") }
    let before = try FileStatus(ofLink: path)
    for force in [[], ["--force"]] {
      let run = try CommandRun(argument.commandLine(path) + force)
      #expect(run.status == 1, "\(run.errors)")
      #expect(run.errors.contains(path), "\(run.errors)")
      #expect(directory.names == ["there"])
      #expect(try FileStatus(ofLink: path) == before)
    }
  }

  @Test(arguments: PathArgument.targets)
  func `nothing is written into a pack`(argument: PathArgument) throws {
    let pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "there")
    let names = try directoryContents(pack)
    for name in ["x", "core.seg"] {
      let run = try CommandRun(argument.commandLine("\(pack)/\(name)") + ["--force"])
      #expect(run.status == 1, "\(run.errors)")
      #expect(run.output == "")
      #expect(
        run.errors.hasPrefix("muninn: '\(pack)/\(name)' lies in the pack '"),
        "\(run.errors)")
      #expect(try directoryContents(pack) == names)
    }
    #expect(try CommandRun("verify", pack).status == 0)
  }

  @Test(
    arguments: ["tokenizer.json", "generation_config.json", "config.json"], OtherKind.allCases)
  func `something other than a file beside the weights of a model that runs`(
    name: String, kind: OtherKind
  ) throws {
    let checkpoint = try directory.copy(Fixtures.nano, as: "nano")
    try kind.put(at: Path.join(checkpoint, name))
    let run = try CommandRun("generate", checkpoint, "--prompt", "a", "--max-tokens", "1")
    // Where texts end is worth a warning; the rest cannot be done without.
    let isNeeded = name != "generation_config.json"
    #expect(run.status == (isNeeded ? 1 : 0), "\(run.errors)")
    #expect(run.output.isEmpty == isNeeded)
    #expect(run.errors.hasPrefix("warning sidecar-unread: '\(name)'") != isNeeded)
    #expect(run.errors.contains(name), "\(run.errors)")
  }

  @Test(
    arguments: ["tokenizer.json", "generation_config.json", "config.json"], OtherKind.allCases)
  func `something other than a file among a pack's sidecars`(name: String, kind: OtherKind) throws {
    let pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "nano.muninn")
    try kind.put(at: Path.join(pack, name))
    for verb in ["generate", "logits"] {
      var line = [verb, pack, "--prompt", "a"]
      line += verb == "logits" ? ["--output", directory("logits")] : ["--max-tokens", "1"]
      let run = try CommandRun(line)
      #expect(run.status == 1, "\(run.errors)")
      #expect(run.output == "")
      #expect(run.errors.contains(name), "\(run.errors)")
    }
  }

  /// The arguments of the command, as its help describes them.
  private struct Help: Decodable {
    struct Command: Decodable {
      let commandName: String
      let subcommands: [Command]?
      let arguments: [Argument]?
    }
    struct Argument: Decodable {
      struct Name: Decodable { let kind, name: String }
      let kind, valueName: String
      let names: [Name]?
    }
    let command: Command
  }

  @Test func `every argument that takes a path is tried`() throws {
    let text = try CommandRun("--experimental-dump-help").output
    let help = try JSONDecoder().decode(Help.self, from: Data(text.utf8))
    let verbs = try #require(help.command.subcommands).filter { $0.commandName != "help" }
    let found = verbs.flatMap { verb in
      (verb.arguments ?? []).compactMap { argument -> String? in
        if argument.kind == "positional" { return "\(verb.commandName) \(argument.valueName)" }
        guard ["file", "path", "checkpoint"].contains(argument.valueName) else { return nil }
        let name = argument.names?.first { $0.kind == "long" }?.name
        return "\(verb.commandName) \(name ?? "")"
      }
    }
    #expect(found.sorted() == PathArgument.all.map(\.name).sorted())
  }
}
