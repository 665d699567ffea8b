import FileAccess
import Foundation
import Integrity
import PackFormat
import StrictJSON
import TestSupport
import Testing

@testable import Signing

struct SignatureVerificationTests {
  private static let fingerprint = try? PackCopy.key().verifyingKey.fingerprint

  @Test func `a pack that the package signed verifies`() throws {
    let pack = try PackCopy(signedByPackage: true)
    let verification = try SignatureVerification(
      path: pack.path, key: try VerifyingKey(pemFile: Fixtures.path("signing/public.pem")))
    #expect(verification.faults == [])
    #expect(verification.statement?.resources.count == 7)
    #expect(try PackVerification(path: pack.path).faults == [])
  }

  @Test func `a signature beside the pack verifies`() throws {
    let pack = try PackCopy()
    let signature = Fixtures.path("signing/huginn-nano-int8.sig")
    #expect(try pack.faults(signature: signature) == [])
    // Another file of that name in the pack is left alone.
    try pack.write("model.sig", "anything")
    #expect(try pack.faults(signature: signature) == [])
  }

  @Test func `a signature of another name in the pack is not taken for a file of it`() throws {
    let pack = try PackCopy()
    try pack.write("x.sig", try Fixtures.bytes("signing/huginn-nano-int8.sig"))
    #expect(try pack.faults(signature: pack("x.sig")) == [])
    #expect(try pack.faults(signature: pack.path + "/./x.sig") == [])
  }

  @Test(arguments: ["manifest.json", "core.seg", "embedding.seg", "config.json"], [false, true])
  func `a changed file is named with both digests`(name: String, isByPackage: Bool) throws {
    let pack = try PackCopy(signedByPackage: isByPackage)
    if !isByPackage { try pack.sign() }
    let signed = try pack.digest(name)
    try pack.flip(name, at: 40)
    let found = try pack.digest(name)
    let faults = try pack.faults()
    #expect(faults == [.changed(name: name, signed: signed, found: found)])
    #expect(
      faults.first?.description
        == "'\(name)' changed after it was signed: its SHA-256 is \(found), expected \(signed)")
  }

  @Test func `a changed list of checksums is named`() throws {
    let pack = try PackCopy()
    try pack.sign()
    let signed = try pack.digest("SHA256SUMS")
    try pack.flip("SHA256SUMS", at: 0)
    #expect(
      try pack.faults() == [
        .changed(name: "SHA256SUMS", signed: signed, found: try pack.digest("SHA256SUMS"))
      ])
  }

  @Test func `a missing file is named`() throws {
    let pack = try PackCopy(signedByPackage: true)
    for name in ["generation_config.json", "core.seg"] {
      try FileManager.default.removeItem(atPath: pack(name))
    }
    let faults = try pack.faults()
    #expect(faults == [.missing(name: "core.seg"), .missing(name: "generation_config.json")])
    #expect(faults.first?.description == "'core.seg' was signed but is missing")
  }

  @Test(arguments: ["README.md", "SHA256SUMS", "LICENSE", "more.seg", ".hidden"])
  func `a file that was not signed is named`(name: String) throws {
    let pack = try PackCopy(signedByPackage: true)
    try pack.write(name, "")
    let faults = try pack.faults()
    #expect(faults == [.unsignedFile(name: name)])
    #expect(
      faults.first?.description
        == "'\(name)' was not signed; remove it, or sign the pack again")
  }

  @Test func `a directory in the place of a file, and a dangling link, are named`() throws {
    let pack = try PackCopy(signedByPackage: true)
    for name in ["config.json", "core.seg"] {
      try FileManager.default.removeItem(atPath: pack(name))
    }
    try FileManager.default.createDirectory(
      atPath: pack("config.json"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: pack("core.seg"), withDestinationPath: "nowhere")
    #expect(
      try pack.faults().map(\.description) == [
        "'config.json' was signed but cannot be read: '\(pack("config.json"))' is a directory, "
          + "expected a regular file",
        "'core.seg' was signed but cannot be read: '\(pack("core.seg"))' is a link to 'nowhere', "
          + "which does not exist",
      ])
  }

  @Test
  func `a pack without a signature is reported, and a signature that is asked for must exist`()
    throws
  {
    let pack = try PackCopy()
    let faults = try pack.faults()
    #expect(faults == [.unsigned(path: pack("model.sig"))])
    #expect(
      faults.first?.description
        == "the pack is not signed: '\(pack("model.sig"))' does not exist")
    #expect(throws: ReadingError.file(.notFound(path: "/nonexistent"))) {
      try pack.faults(signature: "/nonexistent")
    }
  }

  @Test func `a signature by another key names both`() throws {
    let pack = try PackCopy()
    try pack.sign(with: "other-key.pem")
    let other = try PackCopy.key("other-key.pem").verifyingKey.fingerprint
    let own = try #require(Self.fingerprint)
    let faults = try pack.faults()
    #expect(faults == [.otherKey(path: pack("model.sig"), named: other, key: own)])
    #expect(
      faults.first?.description
        == "'\(pack("model.sig"))' was not made with this key: it names the key \(other), "
        + "expected \(own)")
    // The name proves nothing.
    try pack.replace(other, with: own, in: "model.sig")
    #expect(try pack.faults() == [.signature(path: pack("model.sig"), key: own)])
    try pack.replace("\"hint\":\"\(own)\"", with: "", in: "model.sig")
    #expect(
      try pack.faults().map(\.description) == [
        "'\(pack("model.sig"))' was not made with this key: it names no key, expected \(own)"
      ])
  }

  @Test func `one of several signatures is enough, whatever key the bundle names`() throws {
    let pack = try PackCopy(signedByPackage: true)
    let bundle = try SignatureBundle(parsing: try pack.bytes("model.sig"))
    let other = try PackCopy.key("other-key.pem")
    let both =
      try Envelope(
        signing: bundle.envelope.payload, type: Envelope.statementType, by: other
      ).signatures + bundle.envelope.signatures
    try pack.write(
      "model.sig",
      SignatureBundle(
        hint: other.verifyingKey.fingerprint,
        envelope: Envelope(
          payloadType: Envelope.statementType, payload: bundle.envelope.payload, signatures: both)
      ).canonicalBytes)
    #expect(try pack.faults() == [])
  }

  @Test func `a changed payload or signature is refused before the statement is looked at`()
    throws
  {
    let pack = try PackCopy(signedByPackage: true)
    let bundle = try SignatureBundle(parsing: try pack.bytes("model.sig"))
    let envelope = bundle.envelope
    var payload = String(decoding: envelope.payload, as: UTF8.self)
    payload.replace("core.seg", with: "evil.seg")
    var signature = envelope.signatures[0]
    signature[signature.count - 1] ^= 1
    let changed = [
      Envelope(
        payloadType: envelope.payloadType, payload: Array(payload.utf8),
        signatures: envelope.signatures),
      Envelope(
        payloadType: envelope.payloadType, payload: Array("nonsense".utf8),
        signatures: envelope.signatures),
      Envelope(
        payloadType: envelope.payloadType, payload: envelope.payload, signatures: [signature]),
    ]
    for envelope in changed {
      try pack.write(
        "model.sig", SignatureBundle(hint: bundle.hint, envelope: envelope).canonicalBytes)
      let faults = try pack.faults()
      #expect(
        faults == [.signature(path: pack("model.sig"), key: try #require(Self.fingerprint))])
      #expect(
        faults.first?.description.hasSuffix("the signature or what it signs was changed") == true)
    }
  }

  @Test func `a wrong payload type and a malformed bundle are reported`() throws {
    let pack = try PackCopy(signedByPackage: true)
    try pack.replace("vnd.in-toto+json", with: "json", in: "model.sig")
    #expect(
      try pack.faults().map(\.description) == [
        "'\(pack("model.sig"))' is not a signature that can be checked: the payload's type is "
          + "'application/json', expected 'application/vnd.in-toto+json'"
      ])
    try pack.write("model.sig", "nonsense")
    #expect(try pack.faults().map(\.code) == ["signature-file"])
    try pack.write(
      "model.sig", [UInt8](repeating: 0x20, count: SignatureLimits.bundleByteCount + 1))
    #expect(
      try pack.faults() == [
        .bundle(
          path: pack("model.sig"),
          .file(
            .tooLarge(
              path: pack("model.sig"), byteCount: SignatureLimits.bundleByteCount + 1,
              limit: SignatureLimits.bundleByteCount)))
      ])
  }

  // MARK: - What a signer may have wanted

  /// The digests of the pack's files.
  private func digests(_ pack: PackCopy) throws -> [String: Digest] {
    try Dictionary(
      uniqueKeysWithValues: pack.names.filter { $0 != "model.sig" && $0 != ".cache" }.map {
        ($0, try pack.digest($0))
      })
  }

  @Test func `a statement of another kind is reported`() throws {
    let pack = try PackCopy()
    let key = try PackCopy.key()
    let payload = Array(#"{"_type":"https://in-toto.io/Statement/v0.1"}"#.utf8)
    try pack.write(
      "model.sig",
      SignatureBundle(
        hint: nil,
        envelope: try Envelope(signing: payload, type: Envelope.statementType, by: key)
      ).canonicalBytes)
    #expect(
      try pack.faults().map(\.description) == [
        "what '\(pack("model.sig"))' signs cannot be checked: '_type' is "
          + "'https://in-toto.io/Statement/v0.1', expected 'https://in-toto.io/Statement/v1'"
      ])
  }

  @Test func `a signer may leave out a companion, and no file that the manifest vouches for`()
    throws
  {
    let pack = try PackCopy()
    try pack.write("README.md", "to be changed")
    var digests = try digests(pack)
    for name in ["README.md", "core.seg", "manifest.json", "config.json"] { digests[name] = nil }
    try pack.signAsIs(
      Statement(
        subject: "x", allowsLinks: false,
        ignoredPaths: ["README.md", "core.seg", "manifest.json", "config.json"],
        digests: digests))
    #expect(
      try pack.faults() == [
        .unsignedFile(name: "config.json"), .unsignedFile(name: "core.seg"),
        .unsignedFile(name: "manifest.json"),
      ])
  }

  @Test func `what the hub's folder holds is checked where it was signed`() throws {
    let pack = try PackCopy()
    try FileManager.default.createDirectory(
      atPath: pack(".cache"), withIntermediateDirectories: false)
    try pack.write(".cache/x", "x")
    var digests = try digests(pack)
    digests[".cache/x"] = Digests.of("x")
    try pack.signAsIs(
      Statement(subject: "x", allowsLinks: false, ignoredPaths: [], digests: digests))
    #expect(try pack.faults() == [])
    try pack.write(".cache/x", "y")
    #expect(
      try pack.faults() == [
        .changed(name: ".cache/x", signed: Digests.of("x"), found: Digests.of("y"))
      ])
  }

  @Test func `a list of checksums that was signed although it disagrees is reported`() throws {
    let pack = try PackCopy()
    let zeros = String(repeating: "0", count: 64)
    let core = try pack.digest("core.seg")
    for (text, reason) in [
      (
        "\(zeros)  core.seg\n",
        "'SHA256SUMS' was signed but disagrees with the pack: it lists \(zeros) for 'core.seg', "
          + "whose SHA-256 is \(core)"
      ),
      (
        "nonsense",
        "'SHA256SUMS' was signed but is not a list of checksums: line 1 is not 64 hexadecimal "
          + "digits, two spaces and a file name"
      ),
    ] {
      try pack.write("SHA256SUMS", text)
      try pack.signAsIs(
        Statement(
          subject: "x", allowsLinks: false, ignoredPaths: [], digests: try digests(pack)))
      #expect(try pack.faults().map(\.description) == [reason])
    }
  }
}
