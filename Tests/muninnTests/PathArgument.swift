import Foundation
import TestSupport
import Testing

/// A place on the command line where a path goes.
struct PathArgument: CustomTestStringConvertible {
  /// The verb, and what its help calls the argument.
  let name: String
  /// Whether something is written there.
  let isTarget: Bool
  private let arguments: [String]

  private init(_ name: String, isTarget: Bool = false, _ arguments: String...) {
    self.name = name
    self.isTarget = isTarget
    self.arguments = arguments
  }

  var testDescription: String { name }

  /// The command line with a path in its place.
  ///
  /// - Parameters:
  ///   - path: what is tried.
  ///   - target: where the verb would write, of which nothing is there.
  /// - Returns: what follows the command's name.
  func commandLine(_ path: String, target: String = "/nonexistent/muninn/target") -> [String] {
    let verb = name.prefix { $0 != " " }
    return [String(verb)] + arguments.map { $0 == "PATH" ? path : $0 == "TARGET" ? target : $0 }
  }

  private static let nano = Fixtures.nano
  private static let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
  private static let text = Fixtures.path("checkpoints/huginn-nano/generation_config.json")
  private static let key = Fixtures.path("signing/key.pem")
  private static let publicKey = Fixtures.path("signing/public.pem")

  /// An archive of the pack, for as long as the tests run.
  private static let archive: String = {
    let path = NSTemporaryDirectory() + "muninn-test-archive-\(getpid())"
    _ = try? CommandRun("archive", pack, "-o", path, "--force")
    atexit { unlink(PathArgument.archive) }
    return path
  }()

  /// All of them.
  static let all = [
    PathArgument("inspect path", "PATH"),
    PathArgument("validate checkpoint", "PATH"),
    PathArgument("convert checkpoint", "PATH", "TARGET"),
    PathArgument("convert pack", isTarget: true, nano, "PATH", "--quiet"),
    PathArgument("convert recipe", nano, "TARGET", "--recipe", "PATH"),
    PathArgument("verify path", "PATH"),
    PathArgument("verify source", pack, "--source", "PATH"),
    PathArgument("verify key", pack, "--key", "PATH"),
    PathArgument("verify signature", pack, "--key", publicKey, "--signature", "PATH"),
    PathArgument("sign pack", "PATH", "--key", key),
    PathArgument("sign key", pack, "--key", "PATH"),
    PathArgument("diff first", "PATH", nano),
    PathArgument("diff second", nano, "PATH"),
    PathArgument("export source", "PATH", "TARGET", "--to", "safetensors"),
    PathArgument("export target", isTarget: true, nano, "PATH", "--to", "safetensors"),
    PathArgument("archive pack", "PATH", "-o", "TARGET"),
    PathArgument("archive output", isTarget: true, pack, "-o", "PATH"),
    PathArgument("unarchive archive", "PATH", "TARGET"),
    PathArgument("unarchive target", isTarget: true, archive, "PATH"),
    PathArgument("logits model", "PATH", "--tokens", "1", "-o", "TARGET"),
    PathArgument("logits output", isTarget: true, nano, "--tokens", "1", "-o", "PATH"),
    PathArgument("generate model", "PATH", "--prompt", "a", "--max-tokens", "1"),
    PathArgument("chat model", "PATH"),
    PathArgument("eval pack", "PATH", "--reference", nano, "--text", text),
    PathArgument("eval reference", pack, "--reference", "PATH", "--text", text),
    PathArgument("eval text", pack, "--reference", nano, "--text", "PATH"),
    PathArgument("eval tokens", pack, "--reference", nano, "--tokens", "PATH"),
    PathArgument("eval questions", pack, "--reference", nano, "--questions", "PATH"),
    PathArgument(
      "eval output", isTarget: true, pack, "--reference", nano, "--text", text, "--steps", "1",
      "--output", "PATH"),
    PathArgument("trace model", "PATH", "--prompt", "a", "--steps", "9", "--output", "TARGET"),
    PathArgument(
      "trace over", nano, "--over", "PATH", "--prompt", "a", "--steps", "9", "--output", "TARGET"),
    PathArgument(
      "trace output", isTarget: true, nano, "--prompt", "a", "--steps", "9", "--output", "PATH"),
    PathArgument("report pack", "PATH", "--output", "TARGET"),
    PathArgument("report eval", pack, "--eval", "PATH", "--output", "TARGET"),
    PathArgument("report trace", pack, "--trace", "PATH", "--output", "TARGET"),
    PathArgument("report output", isTarget: true, pack, "--output", "PATH"),
  ]

  /// Those that are read.
  static let sources = all.filter { !$0.isTarget }
  /// Those that are written.
  static let targets = all.filter(\.isTarget)
}
