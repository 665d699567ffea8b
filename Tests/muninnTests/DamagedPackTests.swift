import FileAccess
import Foundation
import TestSupport
import Testing

/// What the verbs make of a pack whose weights are not what its manifest says.
struct DamagedPackTests {
  private let directory: TemporaryDirectory
  private let pack: String

  init() throws {
    directory = try TemporaryDirectory()
    pack = directory("row.muninn")
    let run = try CommandRun("convert", Fixtures.nano, pack, "--weights", "int8:row")
    #expect(run.status == 0)
    try directory.write("text", "the raven and the dove")
  }

  /// A way to read a pack whole.
  enum Reading: String, CaseIterable {
    case safetensors, gguf, compressedTensors, eval, reference, report, diff, diffSecond, trace
    case over, logits, generate, chat, archive

    func line(_ pack: String, to target: String, text: String) -> [String] {
      let nano = Fixtures.nano
      return switch self {
      case .safetensors: ["export", pack, target, "--to", "safetensors"]
      case .gguf: ["export", pack, target, "--to", "gguf", "--dtype", "bf16"]
      case .compressedTensors:
        ["export", pack, target, "--to", "compressed-tensors", "--scheme", "w8a8"]
      case .eval:
        ["eval", pack, "--reference", nano, "--text", text, "--steps", "1", "-o", target]
      case .reference:
        ["eval", nano, "--reference", pack, "--text", text, "--steps", "1", "-o", target]
      case .report: ["report", pack, "-o", target]
      case .diff: ["diff", pack, nano, "--tolerance", "1"]
      case .diffSecond: ["diff", nano, pack, "--tolerance", "1"]
      case .trace: ["trace", pack, "--prompt", "a", "--steps", "8", "-o", target]
      case .over: ["trace", nano, "--over", pack, "--prompt", "a", "--steps", "8", "-o", target]
      case .logits: ["logits", pack, "--prompt", "a", "--steps", "1", "-o", target]
      case .generate: ["generate", pack, "--prompt", "a", "--max-tokens", "1", "--verify"]
      case .chat: ["chat", pack, "--verify"]
      case .archive: ["archive", pack, "-o", target]
      }
    }
  }

  @Test(arguments: Reading.allCases)
  func `a flipped bit of a tensor ends whoever reads it whole`(reading: Reading) throws {
    let line = reading.line(pack, to: directory("target"), text: directory("text"))
    let name = "transformer.core_block.1.mlp.fc.weight"
    for offset in [0.4, 0.41] {
      var bytes = try directory.bytes("row.muninn/core.seg")
      bytes[Int(Double(bytes.count) * offset)] ^= 1
      try directory.write("row.muninn/core.seg", bytes)
      let run = try CommandRun(line)
      #expect(run.status == 1, "\(reading): \(run.errors)")
      #expect(run.output == "")
      #expect(run.errors.contains(pack), "\(reading): \(run.errors)")
      #expect(run.errors.contains("is damaged: its digest is"), "\(reading): \(run.errors)")
      #expect(run.errors.contains("tensor 'transformer.core_block."), "\(name)")
    }
    #expect(directory.names == ["row.muninn", "text"])
  }

  @Test(arguments: Reading.allCases.filter { $0 != .chat })
  func `an intact pack passes`(reading: Reading) throws {
    let run = try CommandRun(
      reading.line(pack, to: directory("target"), text: directory("text")))
    #expect(run.status == 0, "\(reading): \(run.errors)")
  }

  @Test func `segments of two packs do not mix, and a zeroed header does not pass`() throws {
    let other = directory("other.muninn")
    #expect(
      try CommandRun("convert", Fixtures.nano, other, "--weights", "int8:row", "--coda", "f32")
        .status == 0)
    let own = try directory.bytes("row.muninn/core.seg")
    let zeroed = [UInt8](repeating: 0, count: 4096) + own.dropFirst(4096)
    for bytes in [try directory.bytes("other.muninn/core.seg"), zeroed] {
      try directory.write("row.muninn/core.seg", bytes)
      for reading in Reading.allCases {
        let line = reading.line(pack, to: directory("target"), text: directory("text"))
        let run = try CommandRun(line.filter { $0 != "--verify" })
        #expect(run.status == 1, "\(reading): \(run.errors)")
        #expect(run.output == "")
      }
    }
    #expect(directory.names == ["other.muninn", "row.muninn", "text"])
  }

  @Test func `generate says what opening verified, and verifies the rest on request`() throws {
    let line = ["generate", pack, "--prompt", "a", "--max-tokens", "1"]
    let note =
      "note: the pack's headers and sidecars are verified; --verify also verifies its weights"
    #expect(try CommandRun(line).errors.contains(note))
    #expect(try !CommandRun(line + ["--verify"]).errors.contains(note))
    #expect(try !CommandRun(line + ["--quiet"]).errors.contains(note))
  }

  @Test func `a link out of the source is named where its content is copied`() throws {
    let nano = try directory.copy(Fixtures.nano, as: "nano")
    try directory.write("secret", "mine")
    try FileManager.default.createSymbolicLink(
      atPath: "\(nano)/LICENSE", withDestinationPath: directory("secret"))
    let linked = directory("linked.muninn")
    let warning = "warning link-outside: 'LICENSE' links to a file outside its directory"
    for line in [
      ["convert", nano, linked, "--dry-run"], ["convert", nano, linked],
      ["export", nano, directory("export"), "--to", "safetensors"],
    ] {
      let run = try CommandRun(line + ["--quiet"])
      #expect(run.status == 0)
      #expect(run.errors.contains(warning), "\(line): \(run.errors)")
      #expect(run.errors.contains(directory("secret")))
    }
    try FileManager.default.removeItem(atPath: "\(linked)/LICENSE")
    try FileManager.default.createSymbolicLink(
      atPath: "\(linked)/LICENSE", withDestinationPath: directory("secret"))
    let run = try CommandRun("archive", linked, "-o", directory("archive"), "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains(warning), "\(run.errors)")
  }
}
