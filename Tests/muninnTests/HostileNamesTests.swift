import FileAccess
import Foundation
import StrictJSON
import TestSupport
import Testing

/// Names that lead elsewhere, break a line or are too long, wherever a user or a file can give them.
struct HostileNamesTests {
  /// No argument can hold a NUL.
  private static let arguments = HostileName.all.filter { !$0.contains("\0") }

  /// One line, of ours, without a character that drives a terminal.
  private func check(_ run: CommandRun, isSilent: Bool = true, _ name: String) {
    #expect(run.status == 1, "\(name.prefix(20)): \(run.errors)")
    if isSilent { #expect(run.output == "") }
    let lines = run.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(run.errors.hasPrefix("muninn: ") && lines.count == 2, "\(name.prefix(20)): \(lines)")
    #expect(!run.errors.dropLast().contains { $0.isASCII && !(" "..."~").contains($0) })
  }

  @Test(arguments: PathArgument.sources)
  func `a missing path to read`(argument: PathArgument) throws {
    let directory = try TemporaryDirectory()
    // One that breaks a message, and one that no system takes.
    for name in Self.arguments where name.contains("\u{1B}") || name.count > 255 {
      let line = argument.commandLine(directory(name), target: directory("target"))
      // What is known of the pack is said whatever its source is.
      check(try CommandRun(line), isSilent: argument.name != "verify source", name)
    }
    #expect(directory.names == [])
  }

  @Test(arguments: arguments)
  func `a missing checkpoint, pack and file`(name: String) throws {
    let directory = try TemporaryDirectory()
    // What the names lead to must not be there either.
    let path = directory("none/" + name)
    for verb in ["inspect", "verify"] { check(try CommandRun(verb, path), name) }
    check(
      try CommandRun("convert", Fixtures.nano, directory("pack"), "--recipe", path), name)
    #expect(directory.names == [])
  }

  @Test(arguments: arguments)
  func `a target`(name: String) throws {
    let directory = try TemporaryDirectory()
    let below = try directory.copy(Fixtures.nano, as: "below")
    // Always below the test's own directory: what is written here may replace what is there.
    let target = "\(below)/\(name)"
    let convert = try CommandRun("convert", Fixtures.nano, target, "--quiet")
    if name.contains(where: \.isNewline) {
      // An odd name, but a name.
      #expect(convert.status == 0)
      #expect(try CommandRun("verify", target).status == 0)
      #expect(!convert.output.contains(name))
    } else if name == "../x" {
      #expect(convert.status == 0)
      #expect(directory.names == ["below", "x"])
    } else {
      check(convert, name)
      check(try CommandRun("convert", Fixtures.nano, target, "--force"), name)
      #expect(directory.names == ["below"])
    }
    let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
    if name == ".." || name == "." || name.count > 255 {
      check(try CommandRun("report", pack, "-o", target, "--force"), name)
    }
    #expect(!(try directoryContents(below)).contains { $0.contains(".partial-") })
  }

  @Test(arguments: arguments)
  func `a pattern of a recipe`(name: String) throws {
    let directory = try TemporaryDirectory()
    check(
      try CommandRun(
        "convert", Fixtures.nano, directory("pack"), "--tensor", "\(name)=f16"), name)
    #expect(directory.names == [])
  }

  @Test(arguments: HostileName.all)
  func `a pattern of a recipe's file, and a stage and an encoding in it`(name: String) throws {
    let directory = try TemporaryDirectory()
    let recipes: [JSONValue] = [
      ["tensors": [["pattern": .string(name), "encoding": "f16"]]],
      ["stages": .object([name: "f16"])], ["weights": .string(name)],
      .object([name: "f16"]),
    ]
    for recipe in recipes {
      let file = try directory.write("recipe.json", recipe.canonicalBytes)
      check(
        try CommandRun("convert", Fixtures.nano, directory("pack"), "--recipe", file), name)
    }
    #expect(directory.names == ["recipe.json"])
  }
}
