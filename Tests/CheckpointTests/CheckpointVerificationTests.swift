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

  private func sha256(_ name: String) throws -> String { try directory.sha256(name) }

  private func verification() throws -> CheckpointVerification {
    try CheckpointVerification(path: directory.path)
  }

  // MARK: - Nothing to check against

  @Test func `without a checksum the structure decides, and each file is not covered`() throws {
    let verification = try verification()
    #expect(verification.isIntact)
    #expect(verification.files.map(\.name) == ["config.json", "model.safetensors"])
    #expect(verification.uncovered == ["config.json", "model.safetensors"])
    #expect(verification.missing == [])
    #expect(verification.malformed + verification.unreadable + verification.remarks == [])
    #expect(!verification.isProven)
    for file in verification.files {
      #expect(file.checks == [])
      #expect(file.byteCount == (try directory.bytes(file.name).count))
      #expect(file.sha256?.description == (try sha256(file.name)))
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

  @Test func `a list that holds covers the files that it names`() throws {
    try directory.write(
      "SHA256SUMS",
      "\(try sha256("config.json"))  config.json\n"
        + "\(try sha256("model.safetensors").uppercased()) *model.safetensors\r\n")
    let verification = try verification()
    #expect(verification.isIntact)
    #expect(verification.uncovered == [])
    #expect(
      verification.checks == [
        "config.json: SHA256SUMS holds", "model.safetensors: SHA256SUMS holds",
      ])
  }

  @Test func `a digest that differs is reported with both`() throws {
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
    #expect(verification.checks == ["model.safetensors: SHA256SUMS fails"])
    #expect(!verification.isIntact)
  }

  @Test func `a malformed line of a list is reported, and its file is not covered`() throws {
    try directory.write(
      "SHA256SUMS",
      "\(try sha256("config.json"))  config.json\nnonsense\n"
        + "\(try sha256("model.safetensors").dropLast())  model.safetensors\n")
    let verification = try verification()
    #expect(verification.checks == ["config.json: SHA256SUMS holds"])
    #expect(
      verification.answers == ["model.safetensors is not covered", "SHA256SUMS cannot be read"])
    #expect(
      verification.malformed == [
        CheckpointRemark(
          file: "SHA256SUMS",
          reason: "lines 2, 3 are not digests and file names; their files are not covered")
      ])
    #expect(verification.isIntact)
    #expect(!verification.isProven)
  }

  @Test func `a malformed line may have named a file that is gone, so nothing is proven`() throws {
    try directory.write(
      "SHA256SUMS",
      "\(try sha256("config.json"))  config.json\n"
        + "\(try sha256("model.safetensors"))  model.safetensors\n\(Self.zero) \n")
    let verification = try verification()
    #expect(verification.answers == ["SHA256SUMS cannot be read"])
    #expect(
      verification.malformed.map(\.reason)
        == ["line 3 is not a digest and a file name; its file is not covered"])
    #expect(verification.isIntact && !verification.isProven)
  }

  @Test func `of many malformed lines the first are named, and all counted`() throws {
    try directory.write(
      "SHA256SUMS",
      "\(try sha256("config.json"))  config.json\n" + String(repeating: "x\n", count: 20))
    #expect(
      try verification().malformed.map(\.reason) == [
        "lines 2, 3, 4, 5, 6, 7, 8, 9 and 12 more are not digests and file names; their files are "
          + "not covered"
      ])
  }

  @Test(arguments: ["", "nonsense\n", "# none\n", "<!DOCTYPE html>\n<html></html>\n"])
  func `a file with a list's name that is not a list is unreadable, which is not damage`(
    text: String
  ) throws {
    try directory.write("checksums.txt", text)
    let verification = try verification()
    #expect(
      verification.malformed == [
        CheckpointRemark(
          file: "checksums.txt", reason: "it has no line with a digest and a file name")
      ])
    #expect(
      verification.answers == [
        "config.json is not covered", "model.safetensors is not covered",
        "checksums.txt cannot be read",
      ])
    #expect(verification.isIntact)
    let known = try verification.files.map { file in
      (file.name, try #require(file.sha256))
    }
    let claimed = try CheckpointVerification(path: directory.path, claimed: known)
    #expect(claimed.answers == ["checksums.txt cannot be read"])
    #expect(claimed.isIntact && !claimed.isProven)
  }

  @Test func `digests of another kind cover nothing, and are not damage`() throws {
    try directory.write(
      "checksums.txt", "d41d8cd98f00b204e9800998ecf8427e  model.safetensors\nSHA1 (a) = 00000000\n")
    let verification = try verification()
    #expect(verification.malformed + verification.unreadable == [])
    #expect(verification.missing == [])
    #expect(verification.uncovered == ["config.json", "model.safetensors"])
    #expect(
      verification.remarks == [
        CheckpointRemark(
          file: "checksums.txt",
          reason: "it has digests of another kind, which are not checked: MD5, SHA1")
      ])
  }

  @Test(arguments: [
    "SHA256SUMS", "SHA256SUM", "sha256sums.txt", "sha256sum.txt", "SHA256SUMS.txt", "checksums.txt",
    "model.sha256", "MODEL.SHA256", "all.sha256sum", "all.sha256sums",
  ])
  func `lists have the names that people give them, and are not to be covered themselves`(
    name: String
  ) throws {
    try directory.write(
      name,
      "\(try sha256("config.json"))  config.json\n"
        + "SHA256 (model.safetensors) = \(try sha256("model.safetensors"))\n")
    let verification = try verification()
    #expect(
      verification.checks == [
        "config.json: \(name) holds", "model.safetensors: \(name) holds",
      ])
    #expect(verification.isProven)
  }

  @Test func `a listed file that does not exist is missing`() throws {
    try directory.write("SHA256SUMS", "\(Self.zero)  tokenizer.json\n")
    let verification = try verification()
    #expect(verification.missing == ["tokenizer.json"])
    #expect(!verification.isIntact)
  }

  @Test func `files in folders are files like any other`() throws {
    try directory.makeFolder("onnx/fp16")
    try directory.write("onnx/model.json", "a")
    try directory.write("onnx/fp16/model.json", "b")
    try directory.write(".gitattributes", "c")
    let list = try [".gitattributes", "./onnx//model.json", "onnx/./fp16/model.json"].map {
      "\(try sha256($0))  \($0)\n"
    }
    try directory.write("SHA256SUMS", list.joined() + "\(Self.zero)  onnx/none.json\n")
    let verification = try verification()
    #expect(
      verification.checks == [
        ".gitattributes: SHA256SUMS holds", "onnx/fp16/model.json: SHA256SUMS holds",
        "onnx/model.json: SHA256SUMS holds",
      ])
    #expect(verification.missing == ["onnx/none.json"])
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
    #expect(verification.checks == ["README.md: SHA256SUMS holds"])
    #expect(verification.isIntact)
  }

  @Test func `a name in the directory itself may say so`() throws {
    try directory.write("SHA256SUMS", "\(try sha256("config.json"))  ./config.json\n")
    #expect(try verification().checks == ["config.json: SHA256SUMS holds"])
  }

  @Test(arguments: ["", "  model.safetensors", " *model.safetensors", "  -"])
  func `a digest beside a file is of that file, by name or alone`(rest: String) throws {
    try directory.write(
      "model.safetensors.sha256", "\(try sha256("model.safetensors"))\(rest)\n")
    let verification = try verification()
    #expect(verification.checks == ["model.safetensors: model.safetensors.sha256 holds"])
    #expect(verification.uncovered == ["config.json"])
    #expect(verification.isIntact)
  }

  @Test func `a digest alone that differs is reported`() throws {
    try directory.write("config.json.sha256", Self.zero)
    let verification = try verification()
    #expect(verification.checks == ["config.json: config.json.sha256 fails"])
    #expect(!verification.isIntact)
  }

  // MARK: - Claims of the caller, and of the release

  @Test func `digests that the caller gives are checked together with the others`() throws {
    try directory.write("SHA256SUMS", "\(try sha256("config.json"))  config.json\n")
    let zero = try #require(Digest(hexadecimal: Self.zero))
    let known = try #require(Digest(hexadecimal: try sha256("model.safetensors")))
    let verification = try CheckpointVerification(
      path: directory.path,
      claimed: [("config.json", zero), ("model.safetensors", known), ("none.json", zero)])
    #expect(
      verification.checks == [
        "config.json: SHA256SUMS holds", "config.json: the caller fails",
        "model.safetensors: the caller holds",
      ])
    #expect(verification.missing == ["none.json"])
    #expect(!verification.isIntact)
  }

  @Test(arguments: [Fixtures.nano, Fixtures.tiny])
  func `the fixtures are intact look-alikes of the release`(path: String) throws {
    let verification = try CheckpointVerification(path: path)
    #expect(verification.isIntact)
    let published = verification.files.filter { $0.isPublished != nil }
    let names = Set(PublishedRelease.digests.keys)
    #expect(published.count == verification.files.count { names.contains($0.name) })
    #expect(published.allSatisfy { $0.isPublished == false })
    #expect(verification.uncovered == verification.files.map(\.name))
    #expect(verification.uncovered.contains("golden.safetensors"))
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
      reports.append(try verification.files.map { "\($0.name) \(try #require($0.sha256))" })
    }
    #expect(reports[0].count == 5)
    #expect(reports[0] == reports[1])
  }

  @Test func `whoever watches can stop it`() throws {
    #expect(throws: ReadingError.cancelled) {
      try CheckpointVerification(
        path: directory.path, monitor: Monitor(advance: { _ in }, isCancelled: { true }))
    }
  }
}
