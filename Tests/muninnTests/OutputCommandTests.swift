import FileAccess
import Foundation
import TestSupport
import Testing

/// What a user may lose by a slip of the finger: nothing.
@Suite(.timeLimit(.minutes(10)))
struct OutputCommandTests {
  private let directory: TemporaryDirectory

  /// A checkpoint, a pack of it, an archive of that, a text, questions, and the key to sign with.
  init() throws {
    directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "model")
    try directory.copy(Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack")
    try directory.write("text", "In the beginning")
    try directory.write("questions", #"[{"prompt": "a", "answer": "b"}]"#)
    try #require(
      try CommandRun("archive", directory("pack"), "-o", directory("archive")).status == 0)
  }

  /// Every file, with its bytes.
  private func everything() throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
    var files: [String: [UInt8]] = [:]
    for name in names where try FileStatus(ofLink: directory(name)).kind == .regular {
      files[name] = try directory.bytes(name)
    }
    return files
  }

  /// A verb that reads `model`, `pack`, `archive`, `text` and writes the path that follows; names
  /// in the test's directory begin with `@`.
  private static let writers: [String: [String]] = [
    "convert": ["convert", "@model", "TARGET"],
    "convert a file": ["convert", "@model/model.safetensors", "TARGET"],
    "export": ["export", "@model", "TARGET", "--to", "safetensors"],
    "export a pack": ["export", "@pack", "TARGET", "--to", "safetensors"],
    "export gguf": ["export", "@model/model.safetensors", "TARGET", "--to", "gguf"],
    "archive": ["archive", "@pack", "-o", "TARGET"],
    "unarchive": ["unarchive", "@archive", "TARGET"],
    "unarchive only": ["unarchive", "@archive", "TARGET", "--only", "config.json"],
    "logits": ["logits", "@model", "--tokens", "1", "--steps", "1", "-o", "TARGET"],
    "trace": [
      "trace", "@model", "--over", "@pack", "--prompt", "a", "--steps", "9", "-o", "TARGET",
    ],
    "report": ["report", "@pack", "-o", "TARGET"],
    "eval": [
      "eval", "@pack", "--reference", "@model", "--text", "@text", "--questions", "@questions",
      "--steps", "1", "-o", "TARGET",
    ],
  ]

  /// What each reads, and what must not be written for that.
  private static let cases: [(String, [String])] = [
    ("convert", ["model", "model/", "model/.", "model/../model", "model/x", ""]),
    ("convert a file", ["model", "model/model.safetensors", "model/config.json", ""]),
    ("export", ["model", "model/", "model/.", "model/x", "link", ""]),
    ("export a pack", ["pack", "pack/.", "pack/x", ""]),
    ("export gguf", ["model/model.safetensors", "model/config.json", "model", "hard"]),
    ("archive", ["pack", "pack/core.seg", "pack/x", "pack/."]),
    ("unarchive", ["archive", "archive/", ""]),
    ("unarchive only", ["archive", "archive/", ""]),
    ("logits", ["model", "model/model.safetensors", "model/x", "file-link"]),
    ("trace", ["model", "pack", "model/x", "pack/x", ""]),
    ("report", ["pack/manifest.json", "pack", "pack/x", ""]),
    ("eval", ["text", "questions", "model/config.json", "pack/manifest.json", "model/x"]),
  ]

  @Test(arguments: cases)
  func `inputs are never written over`(verb: String, targets: [String]) throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory("link"), withDestinationPath: "model")
    try FileManager.default.createSymbolicLink(
      atPath: directory("file-link"), withDestinationPath: "model/model.safetensors")
    try FileManager.default.linkItem(
      atPath: directory("model/model.safetensors"), toPath: directory("hard"))
    let before = try everything()
    let arguments = try #require(Self.writers[verb])
    for target in targets {
      let line = arguments.map { argument in
        argument == "TARGET"
          ? directory(target)
          : argument.hasPrefix("@") ? directory(String(argument.dropFirst())) : argument
      }
      for force in [[], ["--force"]] {
        let run = try CommandRun(line + force)
        #expect(run.status == 1, "\(target): \(run.output)")
        #expect(run.output == "")
        // Whatever is said first, it is of this path.
        #expect(run.errors.contains("muninn: '\(directory(target))"), "\(run.errors)")
      }
    }
    #expect(try everything() == before)
  }

  @Test func `an empty path is a usage error, whatever writes there`() throws {
    for (verb, arguments) in Self.writers {
      let line = arguments.map { argument in
        argument == "TARGET"
          ? "" : argument.hasPrefix("@") ? directory(String(argument.dropFirst())) : argument
      }
      let run = try CommandRun(line)
      #expect(run.status == 64, "\(verb): \(run.errors)")
      #expect(run.errors.hasPrefix("Error: The path to write is empty."), "\(run.errors)")
    }
  }

  @Test func `a key that lies under the signature's name is not written over`() throws {
    let key = try directory.copy(Fixtures.path("signing/key.pem"), as: "pack/model.sig")
    let before = try everything()
    let run = try CommandRun("sign", directory("pack"), "--key", key, "--force")
    #expect(run.status == 1)
    #expect(run.errors.contains("is the input"), "\(run.errors)")
    #expect(try everything() == before)
  }

  @Test func `a single file is replaced only by one of its kind`() throws {
    try directory.write("thesis", "irreplaceable")
    try directory.write("thesis.json", #"{"an evaluation": "mine", "inputs": {}}"#)
    let kinds: [(String, String, String)] = [
      ("export gguf", "thesis", "a GGUF file"), ("export gguf", "archive", "a GGUF file"),
      ("archive", "thesis", "an archive of a pack"),
      ("archive", "model/model.safetensors", "an archive of a pack"),
      ("unarchive only", "thesis", "a file called 'config.json'"),
      ("logits", "thesis", "a file of logits"), ("report", "thesis", "a report about a pack"),
      ("eval", "thesis", "an evaluation"), ("eval", "thesis.json", "an evaluation"),
    ]
    let before = try everything()
    for (verb, target, kind) in kinds {
      let line = try #require(Self.writers[verb]).map { argument in
        argument == "TARGET"
          ? directory(target)
          : argument.hasPrefix("@") ? directory(String(argument.dropFirst())) : argument
      }
      let run = try CommandRun(line + ["--force"])
      #expect(run.status == 1, "\(verb): \(run.output)")
      #expect(
        run.errors
          == "muninn: '\(directory(target))' was not replaced: it is not \(kind); choose "
          + "another name\n")
    }
    // Weights are no logits, though both are safetensors.
    try directory.copy(Fixtures.nano + "/model.safetensors", as: "weights")
    let logits = try CommandRun(
      "logits", directory("pack"), "--tokens", "1", "-o", directory("weights"), "--force")
    #expect(logits.status == 1 && logits.errors.contains("is not a file of logits"))
    try FileManager.default.removeItem(atPath: directory("weights"))
    #expect(try everything() == before)
  }

  @Test func `a trace is replaced only as it was drawn`() throws {
    let line = [
      "trace", directory("pack"), "--prompt", "a", "--steps", "9", "-o", directory("trace"),
      "--force",
    ]
    for _ in 0..<2 { #expect(try CommandRun(line).status == 0) }
    for (name, text) in [
      ("notes.txt", "mine"), ("token-001.svg", "<svg/>"), ("token-000.svg", "<?xml?><svg/>"),
      ("trace.json", #"{"trace": "mine"}"#),
    ] {
      let old = try? directory.bytes("trace/\(name)")
      try directory.write("trace/\(name)", text)
      let before = try everything()
      let run = try CommandRun(line)
      #expect(run.status == 1, "\(name)")
      #expect(run.errors.contains("was not replaced"))
      #expect(try everything() == before)
      try FileManager.default.removeItem(atPath: directory("trace/\(name)"))
      if let old { try directory.write("trace/\(name)", old) }
    }
    #expect(try CommandRun(line).status == 0)
  }

  @Test func `files that somebody wrote about a pack are removed with it only on request`() throws {
    for line in [
      ["convert", directory("model"), directory("pack"), "--force"],
      ["unarchive", directory("archive"), directory("pack"), "--force"],
    ] {
      try directory.write("pack/README.md", "by hand")
      let before = try everything()
      let run = try CommandRun(line)
      #expect(run.status == 1)
      #expect(
        run.errors.contains("holds 'README.md', which would be removed with the old pack"),
        "\(run.errors)")
      #expect(try everything() == before)
      #expect(try CommandRun(line + ["--drop-companions"]).status == 0)
      #expect(!(try directoryContents(directory("pack"))).contains("README.md"))
    }
    let alone = try CommandRun(
      "convert", directory("model"), directory("new"), "--drop-companions")
    #expect(alone.status == 64)
  }

  @Test func `an existing target has the same code from every verb`() throws {
    let (pack, text) = (directory("pack"), directory("text"))
    let key = Fixtures.path("signing/key.pem")
    try #require(try CommandRun("sign", pack, "--key", key).status == 0)
    for line in [
      ["convert", directory("model"), pack], ["archive", pack, "-o", directory("archive")],
      ["unarchive", directory("archive"), pack],
      ["unarchive", directory("archive"), text, "--only", "core"],
      ["export", pack, directory("model"), "--to", "safetensors"],
      ["export", pack, text, "--to", "gguf"], ["sign", pack, "--key", key],
      ["logits", pack, "--prompt", "a", "--steps", "1", "-o", text],
      ["trace", pack, "--prompt", "a", "--steps", "9", "-o", directory("model")],
      [
        "eval", pack, "--reference", directory("model"), "--text", text, "--steps", "1", "-o",
        directory("questions"),
      ],
      ["report", pack, "-o", text],
    ] {
      let run = try CommandRun(line + ["--json"])
      #expect(run.status == 1, "\(line)")
      #expect(run.errors.contains(#""code":"file""#), "\(line): \(run.errors.prefix(400))")
    }
  }
}
