import Checkpoint
import FileAccess
import Foundation
import HuginnModel
import Integrity
import Parallelism
import TestSupport
import Testing

/// Somebody else's directory: files that are no part of the checkpoint, names that lead elsewhere.
struct ForeignDirectoryTests {
  private let directory: TemporaryDirectory
  private static let zero = String(repeating: "0", count: 64)

  init() throws {
    directory = try SmallCheckpoint().write()
  }

  private func verification() throws -> CheckpointVerification {
    try CheckpointVerification(path: directory.path)
  }

  /// Lists what the checkpoint itself has, so that the rest is what the test is about.
  private func list(_ others: String = "") throws {
    let own = try ["config.json", "model.safetensors"].map {
      "\(try directory.sha256($0))  \($0)\n"
    }
    try directory.write("SHA256SUMS", own.joined() + others)
  }

  // MARK: - What is to be covered

  @Test func `every file that a loader may run or read is to be covered`() throws {
    try list()
    let others = [
      ".gitattributes", "LICENSE", "NOTICE", "chat_template.jinja", "extra.safetensors",
      "modeling_huginn.py", "pytorch_model.bin", "tokenizer.model", "x.json.index",
    ]
    for name in others { try directory.write(name, "something") }
    let verification = try verification()
    #expect(verification.uncovered == others)
    #expect(verification.isIntact && !verification.isProven)
    let known = try others.map { (file: $0, digest: try #require(Digest(hexadecimal: Self.zero))) }
    #expect(try CheckpointVerification(path: directory.path, claimed: known).uncovered == [])
  }

  @Test func `lists, signatures and directories need no checksum, unless they have one`() throws {
    try list()
    for name in [
      "model.sig", "SHA256SUMS.asc", "SHA256SUMS.gpg", "a.minisig", "a.sigstore.json",
      "a.sigstore", "checksums.txt",
    ] {
      try directory.write(name, "\(Self.zero)  config.json.none\n")
    }
    try directory.makeFolder("empty")
    try directory.link("nothing", to: "none")
    #expect(try verification().uncovered == [])
    try directory.write("secret.gpg", "x")
    try list("\(Self.zero)  model.sig\n")
    let verification = try verification()
    #expect(verification.uncovered == ["secret.gpg"])
    #expect(verification.answers.contains("model.sig differs"))
  }

  @Test func `a file that is not part of the checkpoint is read only if it has a checksum`() throws
  {
    try list("\(Self.zero)  a.bin\n")
    try directory.write("a.bin", "a")
    try directory.write("b.bin", "b")
    let counter = ByteCounter()
    let verification = try CheckpointVerification(
      path: directory.path,
      monitor: Monitor(advance: { counter.add($0) }, isCancelled: { false }))
    let read = verification.files.filter { $0.sha256 != nil }
    #expect(read.map(\.name) == ["a.bin", "config.json", "model.safetensors"])
    #expect(verification.files.first { $0.name == "b.bin" }?.byteCount == 1)
    let survey = ChecksumSurvey(try Checkpoint(path: directory.path))
    #expect(counter.total == read.reduce(0) { $0 + $1.byteCount })
    #expect(survey.byteCount == counter.total)
  }

  @Test func `of a folder, files with a checksum are looked at`() throws {
    try list("\(Self.zero)  sub/a.bin\n")
    try directory.makeFolder("sub")
    for name in ["a.bin", "b.bin"] { try directory.write("sub/\(name)", "x") }
    let verification = try verification()
    #expect(verification.answers == ["sub/a.bin differs"])
    #expect(verification.files.count == 3)
  }

  @Test func `a file that was named alone has nothing to do with its neighbours`() throws {
    try directory.write("other.bin", "x")
    try list("\(Self.zero)  other.bin\n\(Self.zero)  none.bin\n")
    #expect(try verification().answers == ["other.bin differs", "none.bin is not here"])
    let alone = try CheckpointVerification(path: directory("model.safetensors"))
    #expect(alone.files.map(\.name) == ["config.json", "model.safetensors"])
    #expect(alone.isProven)
  }

  // MARK: - Names that lead elsewhere

  @Test(arguments: ["../outside", "a/../../outside", "/etc/passwd", "..", "sub/..", "a/../b"])
  func `a name that is absolute or goes up is reported and not read`(name: String) throws {
    try list("\(Self.zero)  \(name)\n\(Self.zero) *\(name)\n")
    let verification = try verification()
    #expect(verification.files.map(\.name) == ["config.json", "model.safetensors"])
    #expect(
      verification.unreadable == [
        CheckpointRemark(
          file: name, reason: "SHA256SUMS names it, but it leads out of the checkpoint")
      ])
    #expect(verification.missing == [])
    #expect(verification.isIntact && !verification.isProven)
  }

  @Test func `a folder that is a link out of the directory is not followed`() throws {
    let outside = try TemporaryDirectory()
    try outside.write("secret", "x")
    let digest = try outside.sha256("secret")
    try directory.makeFolder("inside/folder")
    try directory.write("inside/folder/secret", "x")
    try directory.link("out", to: outside.path)
    try directory.link("alias", to: "inside/folder")
    try directory.link("inside/up", to: "..")
    try list(
      "\(digest)  out/secret\n\(digest)  alias/secret\n\(digest)  inside/up/out/secret\n"
        + "\(digest)  inside/up/config.json\n")
    let verification = try verification()
    #expect(
      verification.answers == [
        "inside/up/config.json differs", "inside/up/out/secret cannot be read",
        "out/secret cannot be read",
      ])
    #expect(verification.checks.contains("alias/secret: SHA256SUMS holds"))
    #expect(
      verification.remarks == [
        CheckpointRemark(
          file: "out",
          reason: "it is a link to '\(try resolvedPath(outside.path))', outside the checkpoint")
      ])
  }

  @Test func `a folder that no system has is a file that is not here`() throws {
    try directory.link("circle", to: "circle")
    let long = String(repeating: "x", count: 300)
    let deep = String(repeating: "x/", count: 2100) + "x"
    try list(
      ["circle/a", "\(long)/a", "config.json/a", deep].map { "\(Self.zero)  \($0)\n" }.joined())
    #expect(
      try verification().answers
        == ["circle/a", "config.json/a", deep, "\(long)/a"].map { "\($0) is not here" })
  }

  @Test func `a link to a file outside is read and reported`() throws {
    let outside = try SmallCheckpoint().write()
    try FileManager.default.removeItem(atPath: directory("model.safetensors"))
    try directory.link("model.safetensors", to: outside("model.safetensors"))
    try directory.link("inside", to: "config.json")
    try list("\(try directory.sha256("config.json"))  inside\n")
    let verification = try verification()
    #expect(verification.isProven)
    #expect(
      verification.remarks == [
        CheckpointRemark(
          file: "model.safetensors",
          reason: "it is a link to '\(try resolvedPath(outside("model.safetensors")))', "
            + "outside the checkpoint")
      ])
  }

  @Test(arguments: HostileName.all)
  func `a hostile name in a list ends as one of the answers`(name: String) throws {
    try list("\(Self.zero)  \(name)\n")
    let verification = try verification()
    #expect(verification.files.map(\.name) == ["config.json", "model.safetensors"])
    #expect(verification.files.allSatisfy { $0.checks.allSatisfy(\.holds) })
    let said = verification.missing + verification.unreadable.map(\.file)
    #expect(said.count + verification.malformed.count >= 1)
  }

  @Test func `the caller's own claim of a file outside is a file that is not here`() throws {
    let zero = try #require(Digest(hexadecimal: Self.zero))
    let verification = try CheckpointVerification(
      path: directory.path, claimed: [("../x", zero), ("/etc/passwd", zero)])
    #expect(verification.missing == ["../x", "/etc/passwd"])
    #expect(!verification.isIntact)
  }

  @Test func `names that only look alike are different files`() throws {
    let (composed, decomposed) = ("\u{E9}.txt", "e\u{301}.txt")
    try directory.write(composed, "1")
    try list("\(try directory.sha256(composed))  \(decomposed)\n")
    let verification = try verification()
    #expect(verification.missing.map { Array($0.utf8) } == [Array(decomposed.utf8)])
    #expect(verification.uncovered.map { Array($0.utf8) } == [Array(composed.utf8)])
  }

  // MARK: - What cannot be read

  @Test(arguments: OtherKind.allCases)
  func `a directory in place of a list is unreadable, in place of a listed file is missing`(
    kind: OtherKind
  ) throws {
    try list("\(Self.zero)  tokenizer.model\n")
    try kind.put(at: directory("tokenizer.model"))
    #expect(try verification().answers == ["tokenizer.model is not here"])
    try kind.put(at: directory("checksums.txt"))
    let verification = try verification()
    #expect(
      verification.answers == ["tokenizer.model is not here", "checksums.txt cannot be read"])
    #expect(verification.unreadable.map(\.file) == ["checksums.txt"])
  }

  @Test func `a list beyond its limit is unreadable, which is not damage`() throws {
    try list()
    try directory.write(
      "other.sha256", [UInt8](repeating: UInt8(ascii: "\n"), count: ChecksumList.byteLimit + 1))
    let verification = try verification()
    #expect(verification.answers == ["other.sha256 cannot be read"])
    #expect(verification.unreadable[0].reason.contains("expected at most 1048576"))
    #expect(verification.isIntact && !verification.isProven)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file that may not be read is the system's error only if the checkpoint needs it`()
    throws
  {
    try directory.write("tokenizer.model", "x")
    try directory.write("b.sha256", Self.zero)
    try directory.makeFolder("sub")
    try list("\(Self.zero)  tokenizer.model\n")
    for name in ["tokenizer.model", "b.sha256", "sub"] { chmod(directory(name), 0) }
    defer { chmod(directory("sub"), 0o755) }
    let verification = try verification()
    #expect(Set(verification.unreadable.map(\.file)) == ["tokenizer.model", "b.sha256", "sub"])
    #expect(verification.isIntact && !verification.isProven)
    let zero = try #require(Digest(hexadecimal: Self.zero))
    #expect(throws: ReadingError.self) {
      try CheckpointVerification(path: directory.path, claimed: [("tokenizer.model", zero)])
    }
  }
}
