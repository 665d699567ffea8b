import FileAccess
import Integrity
import TestSupport

@testable import Signing

/// A copy of the fixture's pack, to be signed and tampered with.
struct PackCopy {
  private let directory: TemporaryDirectory
  let path: String

  /// A copy, with the signature that the package made of it where asked for.
  init(signedByPackage: Bool = false) throws {
    directory = try TemporaryDirectory()
    path = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "huginn-nano-int8.muninn")
    if signedByPackage {
      try directory.copy(
        Fixtures.path("signing/huginn-nano-int8.sig"), as: "huginn-nano-int8.muninn/model.sig")
    }
  }

  static func key(_ name: String = "key.pem") throws -> SigningKey {
    try SigningKey(pemFile: Fixtures.path("signing/\(name)"))
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] { get throws { try directoryContents(path) } }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try directory.write("huginn-nano-int8.muninn/\(name)", bytes)
  }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func bytes(_ name: String) throws -> [UInt8] {
    try directory.bytes("huginn-nano-int8.muninn/\(name)")
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// Flips a bit of a file.
  func flip(_ name: String, at index: Int) throws {
    var bytes = try bytes(name)
    bytes[index] ^= 1
    try write(name, bytes)
  }

  /// Replaces text in a file.
  func replace(_ old: String, with new: String, in name: String) throws {
    try write(name, try text(name).replacing(old, with: new))
  }

  func digest(_ name: String) throws -> Digest { try Digests.ofFile(self(name)) }

  /// Signs it with the fixture's key.
  @discardableResult
  func sign(
    with key: String = "key.pem", replacing: Bool = false
  ) throws -> PackSigner.Outcome {
    try PackSigner(path: path, key: try Self.key(key)).sign(replacing: replacing)
  }

  /// Writes a signature of any statement, as its signer may have wanted it.
  func signAsIs(_ statement: Statement, with key: String = "key.pem") throws {
    let key = try Self.key(key)
    let envelope = try Envelope(
      signing: statement.canonicalBytes, type: Envelope.statementType, by: key)
    let bundle = SignatureBundle(hint: key.verifyingKey.fingerprint, envelope: envelope)
    try write("model.sig", bundle.canonicalBytes)
  }

  /// What holding it against its signature finds.
  func faults(signature: String? = nil) throws -> [SignatureFault] {
    try SignatureVerification(
      path: path, signature: signature, key: try Self.key().verifyingKey
    ).faults
  }
}
