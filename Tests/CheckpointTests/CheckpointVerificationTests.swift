import Checkpoint
import FileAccess
import Foundation
import HuginnModel
import Integrity
import Parallelism
import TestSupport
import Testing

struct CheckpointVerificationTests {
  private let directory: TemporaryDirectory
  private static let zero = String(repeating: "0", count: 64)

  init() throws {
    directory = try SmallCheckpoint().write()
  }

  private func sha256(_ name: String) throws -> String {
    let bytes = try directory.bytes(name)
    return "\(Digest(of: bytes.span.rawBytes))"
  }

  private func verification() throws -> CheckpointVerification {
    try CheckpointVerification(path: directory.path)
  }

  /// Every check in short: file, source, whether it holds.
  private func checks(_ verification: CheckpointVerification) -> [String] {
    verification.files.flatMap { file in
      file.checks.map { "\(file.name): \($0.source) \($0.holds ? "holds" : "fails")" }
    }
  }

  // MARK: - Nothing to check against

  @Test func `without a checksum the structure decides, and each file is not covered`() throws {
    let verification = try verification()
    #expect(verification.isIntact)
    #expect(verification.files.map(\.name) == ["config.json", "model.safetensors"])
    #expect(verification.uncovered == ["config.json", "model.safetensors"])
    #expect(verification.missing == [])
    #expect(verification.malformedLists.isEmpty)
    for file in verification.files {
      #expect(file.checks == [])
      #expect(file.byteCount == (try directory.bytes(file.name).count))
      #expect(file.sha256.description == (try sha256(file.name)))
    }
  }

  @Test func `an error of the structure makes it not intact`() throws {
    var small = try SmallCheckpoint()
    small.edit("transformer.ln_f.weight") { $0.shape = [3, 4] }
    let verification = try CheckpointVerification(path: try small.write().path)
    #expect(verification.checkpoint.findings == ["tensor-shape transformer.ln_f.weight"])
    #expect(!verification.isIntact)
  }

  @Test func `a missing shard makes it not intact, and the rest is read`() throws {
    let sharded = try SmallCheckpoint(isSharded: true).write()
    try FileManager.default.removeItem(atPath: sharded(SmallCheckpoint.shardNames[1]))
    let verification = try CheckpointVerification(path: sharded.path)
    #expect(!verification.isIntact)
    #expect(
      verification.files.map(\.name) == [
        "config.json", SmallCheckpoint.shardNames[0], SmallCheckpoint.shardNames[2],
        "model.safetensors.index.json",
      ])
  }

  // MARK: - Lists

  @Test func `a list that holds covers what it names`() throws {
    try directory.write(
      "SHA256SUMS",
      "\(try sha256("config.json"))  config.json\n"
        + "\(try sha256("model.safetensors").uppercased()) *model.safetensors\r\n")
    let verification = try verification()
    #expect(verification.isIntact)
    #expect(verification.uncovered == [])
    #expect(
      checks(verification) == [
        "config.json: SHA256SUMS holds", "model.safetensors: SHA256SUMS holds",
      ])
  }

  @Test func `a digest that differs is told with both`() throws {
    try directory.write("SHA256SUMS", "\(Self.zero)  model.safetensors\n")
    let verification = try verification()
    #expect(!verification.isIntact)
    #expect(verification.uncovered == ["config.json"])
    let check = try #require(verification.files.last?.checks.first)
    #expect(check.source == "SHA256SUMS")
    #expect(check.expected.description == Self.zero)
    #expect(check.found.description == (try sha256("model.safetensors")))
    #expect(!check.holds)
  }

  @Test func `one byte that changed is found`() throws {
    try directory.write("SHA256SUMS", "\(try sha256("model.safetensors"))  model.safetensors\n")
    #expect(try verification().isIntact)
    var bytes = try directory.bytes("model.safetensors")
    bytes[bytes.count - 1] ^= 1
    try directory.write("model.safetensors", bytes)
    let verification = try verification()
    #expect(checks(verification) == ["model.safetensors: SHA256SUMS fails"])
    #expect(!verification.isIntact)
  }

  @Test func `a list that cannot be read is told, and makes it not intact`() throws {
    try directory.write("SHA256SUMS", "\(try sha256("config.json"))  config.json\nnonsense\n")
    let verification = try verification()
    #expect(verification.malformedLists.map(\.name) == ["SHA256SUMS"])
    #expect(
      verification.malformedLists.map(\.reason)
        == ["line 2 is not 64 hexadecimal digits, two spaces and a file name"])
    #expect(checks(verification) == [])
    #expect(!verification.isIntact)
  }

  @Test func `a file that is listed and not there is missing`() throws {
    try directory.write("SHA256SUMS", "\(Self.zero)  tokenizer.json\n")
    let verification = try verification()
    #expect(verification.missing == ["tokenizer.json"])
    #expect(!verification.isIntact)
  }

  @Test func `a list may name the shard of a tied head that is left out`()
    throws
  {
    let head = "head.safetensors"
    var small = try SmallCheckpoint(isSharded: true)
    small.weightMap?[SmallCheckpoint.headName] = head
    let directory = try small.write()
    try directory.write("SHA256SUMS", "\(Self.zero)  \(head)\n")
    let checkpoint = try Checkpoint(path: directory.path)
    #expect(try CheckpointVerification(checkpoint).isIntact)
    let zero = try #require(Digest(hexadecimal: Self.zero))
    #expect(
      try CheckpointVerification(checkpoint, claimed: [(head, zero)]).missing == [head])
  }

  @Test func `any other file that is listed is checked as well`() throws {
    try directory.write("README.md", "abc")
    try directory.write("SHA256SUMS", "\(try sha256("README.md"))  README.md\n")
    let verification = try verification()
    #expect(checks(verification) == ["README.md: SHA256SUMS holds"])
    #expect(verification.isIntact)
  }

  @Test(arguments: ["../outside", "a/../../outside", "/etc/passwd", "..", ".hidden", "sub/file"])
  func `a name that is a path is not followed, and told`(name: String) throws {
    try directory.write("SHA256SUMS", "\(Self.zero)  \(name)\n")
    let verification = try verification()
    #expect(verification.files.map(\.name) == ["config.json", "model.safetensors"])
    #expect(verification.missing == [])
    #expect(verification.malformedLists.map(\.name) == ["SHA256SUMS"])
    #expect(
      verification.malformedLists.map(\.reason)
        == ["it names '\(name)', which is no file of this directory"])
    #expect(!verification.isIntact)
  }

  @Test func `a name in the directory itself may say so`() throws {
    try directory.write("SHA256SUMS", "\(try sha256("config.json"))  ./config.json\n")
    #expect(checks(try verification()) == ["config.json: SHA256SUMS holds"])
  }

  @Test(arguments: ["", "  model.safetensors", " *model.safetensors", "  -"])
  func `a digest beside a file is of that file, by name or alone`(rest: String) throws {
    try directory.write(
      "model.safetensors.sha256", "\(try sha256("model.safetensors"))\(rest)\n")
    let verification = try verification()
    #expect(checks(verification) == ["model.safetensors: model.safetensors.sha256 holds"])
    #expect(verification.uncovered == ["config.json"])
    #expect(verification.isIntact)
  }

  @Test func `a digest alone that differs is told`() throws {
    try directory.write("config.json.sha256", Self.zero)
    let verification = try verification()
    #expect(checks(verification) == ["config.json: config.json.sha256 fails"])
    #expect(!verification.isIntact)
  }

  // MARK: - Downloads

  @Test func `in a hub cache the names of the blobs are digests`() throws {
    try directory.write("generation_config.json", "{}")
    let cache = try MadeUpCache()
    try cache.add("rev", directory)
    let verification = try CheckpointVerification(path: cache.path)
    #expect(verification.isIntact)
    #expect(verification.uncovered == [])
    #expect(
      checks(verification) == [
        "config.json: blob name holds", "generation_config.json: blob name holds",
        "model.safetensors: blob name holds",
      ])
    let names = try ["config.json", "model.safetensors"].map {
      Path.name(of: try cache.link($0, in: "rev"))
    }
    #expect(names.map(\.utf8.count) == [40, 64])
    #expect(
      verification.files.flatMap(\.checks).map(\.expected.description)
        == [names[0], "9e26dfeeb6e641a33dae4961196235bdb965b21b", names[1]])
  }

  @Test(arguments: ["config.json", "model.safetensors"])
  func `a blob that is not what its name says is told`(name: String) throws {
    let cache = try MadeUpCache()
    let snapshot = try cache.add("rev", directory)
    let blob = Path.join(snapshot, try cache.link(name, in: "rev"))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: blob))
    try file.seekToEnd()
    // Blanks are legal at the end of a config, and a shard must have none.
    try file.write(contentsOf: Data(" ".utf8))
    try file.close()
    let verification = try CheckpointVerification(path: cache.path)
    #expect(!verification.isIntact)
    if name == "config.json" {
      #expect(
        checks(verification) == [
          "config.json: blob name fails", "model.safetensors: blob name holds",
        ])
    }
  }

  @Test(arguments: ["", "\""])
  func `a local download's etags are digests, quoted or not`(quote: String) throws {
    try directory.write("generation_config.json", "{}")
    try FileManager.default.createDirectory(
      atPath: directory(".cache/huggingface/download"), withIntermediateDirectories: true)
    for (name, etag) in [
      ("generation_config.json", "9e26dfeeb6e641a33dae4961196235bdb965b21b"),
      ("model.safetensors", try sha256("model.safetensors")),
      ("config.json", String(repeating: "0", count: 40)),
    ] {
      try directory.write(
        ".cache/huggingface/download/\(name).metadata",
        "bb6621b65e90b6a4b9b29ef88dc83866d450470c\n\(quote)\(etag)\(quote)\n1761900000.5\n")
    }
    let verification = try verification()
    #expect(
      checks(verification) == [
        "config.json: download metadata fails", "generation_config.json: download metadata holds",
        "model.safetensors: download metadata holds",
      ])
    #expect(!verification.isIntact)
  }

  @Test(arguments: ["", "rev", "rev\n", "rev\nnone\n", "rev\n\"d41d8cd9-2\"\n1\n"])
  func `metadata without a digest claims nothing`(text: String) throws {
    try FileManager.default.createDirectory(
      atPath: directory(".cache/huggingface/download"), withIntermediateDirectories: true)
    try directory.write(".cache/huggingface/download/config.json.metadata", text)
    let verification = try verification()
    #expect(checks(verification) == [])
    #expect(verification.isIntact)
  }

  // MARK: - Claims of the caller, and of the release

  @Test func `digests that the caller knows are checked beside the others`() throws {
    try directory.write("SHA256SUMS", "\(try sha256("config.json"))  config.json\n")
    let zero = try #require(Digest(hexadecimal: Self.zero))
    let known = try #require(Digest(hexadecimal: try sha256("model.safetensors")))
    let verification = try CheckpointVerification(
      path: directory.path,
      claimed: [("config.json", zero), ("model.safetensors", known), ("none.json", zero)])
    #expect(
      checks(verification) == [
        "config.json: SHA256SUMS holds", "config.json: --sha256 fails",
        "model.safetensors: --sha256 holds",
      ])
    #expect(verification.missing == ["none.json"])
    #expect(!verification.isIntact)
  }

  @Test(arguments: [Fixtures.nano, Fixtures.tiny])
  func `the fixtures are intact look-alikes of the release`(path: String) throws {
    let verification = try CheckpointVerification(path: path)
    #expect(verification.isIntact)
    let published = verification.files.filter { $0.isPublished != nil }
    #expect(published.count == verification.files.count { $0.name.hasSuffix(".json") })
    #expect(published.allSatisfy { $0.isPublished == false })
    #expect(verification.uncovered == verification.files.map(\.name))
  }

  @Test func `the release's own config is recognised, and covered by it`() throws {
    try directory.write("config.json", ReleaseConfig.text)
    let verification = try verification()
    let config = try #require(verification.files.first)
    #expect(config.name == "config.json")
    #expect(config.isPublished == true)
    #expect(config.isCovered)
    #expect(verification.uncovered == ["model.safetensors"])
  }

  // MARK: - Reading

  @Test func `every byte of every file is read once, by any number of threads`() throws {
    let sharded = try SmallCheckpoint(isSharded: true).write()
    var reports: [[String]] = []
    for count in [1, 4] {
      let counter = ByteCounter()
      let verification = try CheckpointVerification(
        path: sharded.path, workers: Workers(count: count),
        monitor: Monitor(advance: { counter.add($0) }, isCancelled: { false }))
      #expect(counter.total == verification.files.reduce(0) { $0 + $1.byteCount })
      reports.append(verification.files.map { "\($0.name) \($0.sha256)" })
    }
    #expect(reports[0].count == 5)
    #expect(reports[0] == reports[1])
  }

  @Test func `whoever watches can stop it`() throws {
    #expect(throws: CheckpointError.cancelled) {
      try CheckpointVerification(
        path: directory.path, monitor: Monitor(advance: { _ in }, isCancelled: { true }))
    }
  }
}
