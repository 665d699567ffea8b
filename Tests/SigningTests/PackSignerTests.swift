import FileAccess
import Foundation
import Integrity
import PackFormat
import Parallelism
import StrictJSON
import TestSupport
import Testing

@testable import Signing

struct PackSignerTests {
  @Test func `a signed pack has the signature and the list, and verifies`() throws {
    let pack = try PackCopy()
    let before = try pack.names
    let outcome = try pack.sign()
    #expect(outcome.signaturePath == pack("model.sig"))
    #expect(outcome.wroteChecksums)
    #expect(try pack.names == (before + ["SHA256SUMS", "model.sig"]).sorted())
    #expect(try pack.faults() == [])
    #expect(try PackVerification(path: pack.path).faults == [])
    #expect(outcome.statement.resources.map(\.name) == (before + ["SHA256SUMS"]).sorted())
    for resource in outcome.statement.resources {
      #expect(try pack.digest(resource.name) == resource.digest)
    }
  }

  @Test func `sha256sum accepts the list`() throws {
    let pack = try PackCopy()
    try pack.sign()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    process.currentDirectoryURL = URL(fileURLWithPath: pack.path)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let names = try pack.text("SHA256SUMS").split(separator: "\n").map { String($0.dropFirst(66)) }
    #expect(names == (try pack.names).filter { $0 != "SHA256SUMS" && $0 != "model.sig" })
  }

  @Test
  func `the statement is the package's, except for the list and the names that only we leave out`()
    throws
  {
    let pack = try PackCopy()
    let others = [".DS_Store", ".cache"]
    let ours = try pack.sign().statement
    let bundle = try SignatureBundle(parsing: try Fixtures.bytes("signing/huginn-nano-int8.sig"))
    let theirs = try Statement(parsing: bundle.envelope.payload)
    let same = Statement(
      subject: ours.subject, allowsLinks: ours.allowsLinks,
      ignoredPaths: ours.ignoredPaths.filter { !others.contains($0) },
      resources: ours.resources.filter { $0.name != "SHA256SUMS" })
    #expect(ours.ignoredPaths.count == theirs.ignoredPaths.count + others.count)
    #expect(ours.resources.count == theirs.resources.count + 1)
    // The package orders members and ignored paths anew in each run.
    let json = try JSONValue(parsing: bundle.envelope.payload)
    var text = String(decoding: json.canonicalBytes, as: UTF8.self)
    let ignored = { (paths: [String]) in paths.map { "\"\($0)\"" }.joined(separator: ",") }
    text.replace(ignored(theirs.ignoredPaths), with: ignored(same.ignoredPaths))
    #expect(String(decoding: same.canonicalBytes, as: UTF8.self) == text)
  }

  @Test func `the statement's bytes depend on nothing but the pack`() throws {
    let pack = try PackCopy()
    let key = try PackCopy.key()
    let first = try PackSigner(path: pack.path, key: key, workers: Workers(count: 1))
      .sign(replacing: false)
    let second = try PackSigner(path: pack.path + "/", key: key, workers: Workers(count: 3))
      .sign(replacing: true)
    #expect(!second.wroteChecksums)
    #expect(first.statement.canonicalBytes == second.statement.canonicalBytes)
    #expect(first.statement.subject == "huginn-nano-int8.muninn")
  }

  @Test func `a signature is replaced only on request`() throws {
    let pack = try PackCopy()
    try pack.sign(with: "other-key.pem")
    let before = try pack.bytes("model.sig")
    let error = try #require(throws: SigningError.self) { try pack.sign() }
    #expect(error == .file(.exists(path: pack("model.sig"))))
    #expect(try pack.bytes("model.sig") == before)
    try pack.sign(replacing: true)
    #expect(try pack.faults() == [])
  }

  @Test func `a damaged pack is not signed`() throws {
    let pack = try PackCopy()
    try pack.flip("core.seg", at: 20000)
    try pack.write("more", "")
    let error = try #require(throws: SigningError.self) { try pack.sign() }
    #expect(
      error.description.hasPrefix("'\(pack.path)' was not signed: it has 2 faults, the first: "))
    #expect(try !pack.names.contains { $0 == "SHA256SUMS" || $0 == "model.sig" })
  }

  @Test func `only a pack is signed`() throws {
    let directory = try TemporaryDirectory()
    let signer = PackSigner(path: directory.path, key: try PackCopy.key())
    let error = try #require(throws: SigningError.self) { try signer.sign(replacing: false) }
    #expect(error.description.contains("has no manifest.json"))
    let missing = PackSigner(path: "/nonexistent", key: try PackCopy.key())
    #expect(throws: SigningError.file(.notFound(path: "/nonexistent"))) {
      try missing.sign(replacing: false)
    }
  }

  @Test func `a list that agrees is kept and signed, also with a part of the files`() throws {
    let pack = try PackCopy()
    let text = "\(try pack.digest("core.seg")) *./core.seg\n"
    try pack.write("SHA256SUMS", text)
    let outcome = try pack.sign()
    #expect(!outcome.wroteChecksums)
    #expect(try pack.text("SHA256SUMS") == text)
    #expect(outcome.statement.resources.map(\.name).contains("SHA256SUMS"))
    #expect(try pack.faults() == [])
  }

  @Test func `a list that disagrees, or is none, is an error and nothing is written`() throws {
    let zeros = String(repeating: "0", count: 64)
    let pack = try PackCopy()
    let core = try pack.digest("core.seg")
    let path = pack("SHA256SUMS")
    let cases = [
      (
        "\(zeros)  core.seg\n",
        "'\(path)' disagrees with the pack: it lists \(zeros) for 'core.seg', whose SHA-256 is "
          + "\(core); remove it to have it written again"
      ),
      (
        "\(core)  core.seg\n\(zeros)  none\n",
        "'\(path)' disagrees with the pack: it lists 'none', which is not among the files; "
          + "remove it to have it written again"
      ),
      (
        "\(core)  core.seg\n\(zeros)  model.sig\n",
        "'\(path)' disagrees with the pack: it lists 'model.sig', which is not among the files; "
          + "remove it to have it written again"
      ),
      (
        "nonsense\n",
        "'\(path)': line 1 is not 64 hexadecimal digits, two spaces and a file name"
      ),
    ]
    for (text, reason) in cases {
      try pack.write("SHA256SUMS", text)
      // Whether or not a signature may be replaced.
      for replacing in [false, true] {
        let error = try #require(throws: SigningError.self) {
          try pack.sign(replacing: replacing)
        }
        #expect(error.description == reason)
      }
      #expect(try pack.text("SHA256SUMS") == text)
      #expect(try !pack.names.contains("model.sig"))
    }
  }

  @Test func `a page beside the pack is signed, what is not part of it is left out`() throws {
    let pack = try PackCopy()
    try pack.write("README.md", "a model")
    let files = [".DS_Store", ".gitattributes", ".gitignore"]
    let folders = [".cache", ".git", ".github"]
    #expect((files + folders).sorted() == PackFileNames.ignored)
    for name in files { try pack.write(name, "x") }
    for name in folders {
      try FileManager.default.createDirectory(
        atPath: pack(name), withIntermediateDirectories: false)
    }
    let outcome = try pack.sign()
    #expect(outcome.ignored == PackFileNames.ignored)
    let names = outcome.statement.resources.map(\.name)
    #expect(names.contains("README.md"))
    #expect(!names.contains { $0.hasPrefix(".") })
    #expect(try !pack.text("SHA256SUMS").contains(" ."))
    #expect(try pack.faults() == [])
    for name in files { try pack.write(name, "another") }
    for name in folders { try pack.write("\(name)/x", "") }
    #expect(try pack.faults() == [])
  }

  @Test func `a list of checksums may contain files that are not part of the pack, unchecked`()
    throws
  {
    let pack = try PackCopy()
    try FileManager.default.createDirectory(
      atPath: pack(".git"), withIntermediateDirectories: false)
    try pack.write(".git/HEAD", "ref: refs/heads/main")
    let zeros = String(repeating: "0", count: 64)
    let core = try pack.digest("core.seg")
    for name in [".git/HEAD", "./.git/HEAD", ".gitattributes"] {
      try pack.write("SHA256SUMS", "\(core)  core.seg\n\(zeros)  \(name)\n")
      try pack.sign(replacing: true)
      #expect(try pack.faults() == [])
    }
    // Only whole components are names.
    try pack.write("SHA256SUMS", "\(zeros)  .gitx\n")
    #expect(
      throws: SigningError.checksums(path: pack("SHA256SUMS"), .noSuchFile(name: ".gitx"))
    ) {
      try pack.sign(replacing: true)
    }
  }

  @Test func `links are signed as the files they lead to, and reported`() throws {
    let pack = try PackCopy()
    let blob = pack.path + "-blob"
    try FileManager.default.moveItem(atPath: pack("core.seg"), toPath: blob)
    try FileManager.default.createSymbolicLink(
      atPath: pack("core.seg"), withDestinationPath: blob)
    let statement = try pack.sign().statement
    #expect(statement.allowsLinks)
    #expect(try statement.resources.contains { try $0.digest == Digests.ofFile(blob) })
    #expect(try pack.faults() == [])
  }

  @Test func `a signature that is a link is replaced, not what it leads to`() throws {
    let pack = try PackCopy()
    let blob = pack.path + "-blob"
    try Data("x".utf8).write(to: URL(fileURLWithPath: blob))
    try FileManager.default.createSymbolicLink(
      atPath: pack("model.sig"), withDestinationPath: blob)
    #expect(throws: SigningError.file(.exists(path: pack("model.sig")))) { try pack.sign() }
    try pack.sign(replacing: true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: blob)) == Data("x".utf8))
    #expect(try pack.faults() == [])
  }

  @Test func `a caller that asks to stop leaves nothing`() throws {
    let pack = try PackCopy()
    let before = try pack.names
    let counter = ByteCounter()
    let size = try before.reduce(0) { try $0 + pack.bytes($1).count }
    for limit in [0, 100_000, size + 100_000] {
      let monitor = Monitor(
        advance: { counter.add($0) }, isCancelled: { counter.total >= limit })
      let signer = PackSigner(
        path: pack.path, key: try PackCopy.key(), workers: Workers(count: 1), monitor: monitor)
      #expect(throws: SigningError.cancelled) { try signer.sign(replacing: false) }
      #expect(try pack.names == before)
    }
  }
}
