import Foundation
import StrictJSON
import TestSupport
import Testing

/// `muninn sign`, and `muninn verify --key`, as a user starts them.
struct SignCommandTests {
  private let directory: TemporaryDirectory
  private let pack: String
  private let key = Fixtures.path("signing/key.pem")
  private let publicKey = Fixtures.path("signing/public.pem")

  init() throws {
    directory = try TemporaryDirectory()
    pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "nano.muninn")
  }

  private func json(_ text: String) throws -> JSONObject {
    try JSONObject(try JSONValue(parsing: Array(text.utf8)))
  }

  @Test func `a pack is signed and verified, and both name pack and key`() throws {
    let sign = try CommandRun("sign", pack, "--key", key)
    #expect(sign.status == 0)
    #expect(sign.errors == "")
    let lines = sign.output.split(separator: "\n")
    #expect(lines.first == "signed 8 files in '\(pack)/model.sig', SHA256SUMS written")
    #expect(lines.map { $0.prefix { $0 != " " } } == ["signed", "digest", "key"])
    let verify = try CommandRun("verify", pack, "--key", publicKey)
    #expect(verify.status == 0)
    #expect(verify.errors == "")
    #expect(
      verify.output
        == "intact: 75 tensors in 4 segments, 2 sidecars, 971 kB, signature valid\n"
        + lines.dropFirst().map { "\($0)\n" }.joined())
  }

  @Test func `without the key a signed pack verifies, and a note says what was not checked`()
    throws
  {
    #expect(try CommandRun("sign", pack, "--key", key, "--quiet").status == 0)
    let verify = try CommandRun("verify", pack)
    #expect(verify.status == 0)
    #expect(!verify.output.contains("signed"))
    #expect(
      verify.errors
        == "note: the signature in 'model.sig' was not checked; --key checks it\n")
    #expect(try CommandRun("verify", pack, "--quiet").errors == "")
  }

  @Test func `each difference is a line, exit code 2, and a fault in JSON`() throws {
    #expect(try CommandRun("sign", pack, "--key", key).status == 0)
    try directory.write("nano.muninn/README.md", "late")
    try directory.write("nano.muninn/config.json", "{}")
    let run = try CommandRun("verify", pack, "--key", publicKey)
    #expect(run.status == 2)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("'config.json' has 2 bytes, expected "))
    #expect(lines[1] == "'README.md' was not signed; remove it, or sign the pack again")
    #expect(
      lines[2].hasPrefix("'config.json' changed after it was signed: its SHA-256 is 44136fa3"))
    #expect(lines[3] == "3 faults")

    let machine = try CommandRun("verify", pack, "--key", publicKey, "--json")
    #expect(machine.status == 2)
    var report = try json(machine.output)
    #expect(try report.boolean("intact") == false)
    var signature = try report.object("signature")
    #expect(try signature.boolean("holds") == false)
    let faults = try report.objects("faults").map { fault in
      var fault = fault
      return "\(try fault.string("code")) \(try fault.string("file"))"
    }
    #expect(
      faults == [
        "length config.json", "unsigned-file README.md", "not-as-signed config.json",
      ])
  }

  @Test func `a pack that is not signed, or by another key, is found wanting`() throws {
    let unsigned = try CommandRun("verify", pack, "--key", publicKey)
    #expect(unsigned.status == 2)
    #expect(
      unsigned.output
        == "the pack is not signed: '\(pack)/model.sig' does not exist\n1 fault\n")
    let other = Fixtures.path("signing/other-key.pem")
    #expect(try CommandRun("sign", pack, "--key", other).status == 0)
    let run = try CommandRun("verify", pack, "--key", publicKey)
    #expect(run.status == 2)
    #expect(
      run.output.hasPrefix("'\(pack)/model.sig' was not made with this key: it names the key "))
  }

  @Test func `the package's signature verifies from where it lies`() throws {
    let signature = Fixtures.path("signing/huginn-nano-int8.sig")
    let run = try CommandRun("verify", pack, "--key", publicKey, "--signature", signature)
    #expect(run.status == 0)
    #expect(run.output.contains(", signature valid\n"))
    let missing = try CommandRun("verify", pack, "--key", publicKey, "--signature", "/nonexistent")
    #expect(missing.status == 1)
    #expect(missing.errors == "muninn: '/nonexistent' does not exist\n")
  }

  @Test func `a damaged manifest does not hide what the signature says`() throws {
    #expect(try CommandRun("sign", pack, "--key", key).status == 0)
    try directory.write("nano.muninn/manifest.json", "{}")
    let run = try CommandRun("verify", pack, "--key", publicKey)
    #expect(run.status == 2)
    #expect(run.output.contains("\n'manifest.json' changed after it was signed: "))
    #expect(run.output.hasSuffix("\n2 faults\n"))
  }

  @Test func `files of git and the Finder are skipped, with a note by each verb`() throws {
    try FileManager.default.createDirectory(
      atPath: "\(pack)/.git/objects", withIntermediateDirectories: true)
    for name in [".git/HEAD", ".gitattributes", ".DS_Store"] {
      try directory.write("nano.muninn/\(name)", "x")
    }
    let notes =
      "note: '.DS_Store' is not part of the pack\nnote: '.git' is not part of the pack\n"
      + "note: '.gitattributes' is not part of the pack\n"
    for arguments in [
      ["sign", pack, "--key", key], ["verify", pack, "--key", publicKey],
      ["archive", pack, "-o", directory("archive")],
    ] {
      let run = try CommandRun(arguments)
      #expect(run.status == 0)
      #expect(run.errors == notes)
      #expect(run.output.contains(" 8 files in ") || arguments[0] != "sign")
      #expect(run.output.hasPrefix("archived 9 files, ") || arguments[0] != "archive")
    }
    #expect(try CommandRun("verify", pack, "--quiet").errors == "")
    // The clone's history is not to go with a pack that is replaced.
    let convert = try CommandRun("convert", Fixtures.nano, pack, "--force", "--quiet")
    #expect(convert.status == 1)
    #expect(
      convert.errors
        == "muninn: '\(pack)' was not replaced: it holds '.git', which is not part of a pack; choose another name\n"
    )
  }

  @Test func `a signature is replaced with --force only`() throws {
    #expect(try CommandRun("sign", pack, "--key", key).status == 0)
    let again = try CommandRun("sign", pack, "--key", key)
    #expect(again.status == 1)
    #expect(
      again.errors
        == "muninn: '\(pack)/model.sig' already exists; replace it with --force\n")
    let forced = try CommandRun("sign", pack, "--key", key, "--force", "--json")
    #expect(forced.status == 0)
    var report = try json(forced.output)
    #expect(try report.boolean("checksums_written") == false)
    #expect(try report.objects("files").count == 8)
    #expect(try report.string("signature") == "\(pack)/model.sig")
  }

  @Test func `the name of the directory is signed, even if the path is a dot`() throws {
    let process = CommandRun.process(["sign", ".", "--key", key])
    process.currentDirectoryURL = .init(fileURLWithPath: pack)
    process.standardOutput = nil
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let run = try CommandRun("verify", pack, "--key", publicKey)
    #expect(run.status == 0)
  }

  @Test func `what cannot be signed or read is refused with exit code 1`() throws {
    try directory.write("nano.muninn/SHA256SUMS", "nonsense\n")
    let list = try CommandRun("sign", pack, "--key", key)
    #expect(list.status == 1)
    #expect(
      list.errors
        == "muninn: '\(pack)/SHA256SUMS': line 1 is not 64 hexadecimal digits, two spaces and a "
        + "file name\n")
    for arguments in [
      ["sign", pack, "--key", publicKey], ["verify", pack, "--key", key],
      ["sign", pack, "--key", "/nonexistent"], ["verify", pack, "--key", "/nonexistent"],
      ["sign", Fixtures.nano, "--key", key], ["sign", "/nonexistent", "--key", key],
    ] {
      let run = try CommandRun(arguments)
      #expect(run.status == 1, "\(arguments)")
      #expect(run.output == "")
      #expect(run.errors.hasPrefix("muninn: '"))
    }
    let run = try CommandRun("sign", pack, "--key", "/nonexistent", "--json")
    #expect(try json(run.errors).remainingKeys == ["error"])
    #expect(run.errors.contains(#""code":"file""#))
  }

  @Test func `flags that do not go together are usage errors`() throws {
    #expect(try CommandRun("sign", pack).status == 64)
    #expect(try CommandRun("verify", pack, "--signature", "x").status == 64)
    #expect(try CommandRun("verify", Fixtures.nano, "--key", publicKey).status == 64)
  }
}
