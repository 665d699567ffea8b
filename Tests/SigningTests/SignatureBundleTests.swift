import StrictJSON
import TestSupport
import Testing

@testable import Signing

struct SignatureBundleTests {
  /// The text of the package's signature.
  private func text() throws -> String {
    String(decoding: try Fixtures.bytes("signing/huginn-nano-int8.sig"), as: UTF8.self)
  }

  /// Parses the package's signature with one piece of text replaced.
  private func parse(_ old: String, _ new: String) throws -> SignatureBundle {
    let text = try text()
    try #require(text.contains(old))
    return try SignatureBundle(
      parsing: Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
  }

  @Test func `the package's bundle is read`() throws {
    let bundle = try SignatureBundle(parsing: try Fixtures.bytes("signing/huginn-nano-int8.sig"))
    let key = try VerifyingKey(pemFile: Fixtures.path("signing/public.pem"))
    #expect(bundle.hint == key.fingerprint)
    #expect(bundle.envelope.payloadType == "application/vnd.in-toto+json")
    #expect(bundle.envelope.signatures.count == 1)
    #expect(bundle.envelope.isSigned(by: key))
  }

  @Test func `what is written has the package's members and is read back`() throws {
    let bundle = try SignatureBundle(parsing: try Fixtures.bytes("signing/huginn-nano-int8.sig"))
    #expect(try SignatureBundle(parsing: bundle.canonicalBytes) == bundle)
    let written = try JSONValue(parsing: bundle.canonicalBytes)
    #expect(written == (try JSONValue(parsing: try Fixtures.bytes("signing/huginn-nano-int8.sig"))))
  }

  @Test
  func `members that a key's bundle may lack, and those that are not looked at, are accepted`()
    throws
  {
    #expect(try parse(#","tlogEntries":[]"#, "").hint != nil)
    #expect(try parse(#""tlogEntries":[]"#, #""tlogEntries":[{"logIndex":"1"}]"#).hint != nil)
    #expect(
      try parse(#""tlogEntries":[]"#, #""tlogEntries":[],"timestampVerificationData":{}"#).hint
        != nil)
    #expect(try parse(#""hint":"#, #""rawBytes":"AA==","keyDetails":"X","hint":"#).hint != nil)
    #expect(try parse(#","keyid":"""#, "").envelope.signatures.count == 1)
    #expect(try parse(#""keyid":"""#, #""keyid":"x""#).envelope.signatures.count == 1)
  }

  static let refused: [(old: String, new: String, reason: String)] = [
    (
      "bundle.v0.3+json", "bundle.v0.4+json",
      "the media type is 'application/vnd.dev.sigstore.bundle.v0.4+json', expected "
        + "'application/vnd.dev.sigstore.bundle.v0.3+json'"
    ),
    (#""mediaType":"#, #""mediatype":"#, "the key 'mediaType' is missing"),
    (
      #""publicKey":{"#, #""certificate":{"#,
      "it is signed with a certificate ('certificate'), expected a key ('publicKey'); "
        + "'model_signing verify' checks certificates"
    ),
    (
      #""publicKey":{"#, #""x509CertificateChain":{"#,
      "it is signed with a certificate ('x509CertificateChain'), expected a key ('publicKey'); "
        + "'model_signing verify' checks certificates"
    ),
    (#""publicKey":{"#, #""key":{"#, "'verificationMaterial' has no key 'publicKey'"),
    (
      #""dsseEnvelope":"#, #""messageSignature":"#,
      "it has a 'messageSignature', expected a 'dsseEnvelope' with a statement about files"
    ),
    (#""dsseEnvelope":"#, #""envelope":"#, "the key 'dsseEnvelope' is missing"),
    (
      "vnd.in-toto+json", "vnd.in-toto+xml",
      "the payload's type is 'application/vnd.in-toto+xml', expected 'application/vnd.in-toto+json'"
    ),
    (#""payload":""#, #""payload":"*"#, "'dsseEnvelope.payload' is not base64"),
    (#""sig":""#, #""sig":"*"#, "'dsseEnvelope.signatures[0].sig' is not base64"),
    (#""sig":"#, #""signature":"#, "'dsseEnvelope.signatures[0]' has no key 'sig'"),
    (#""keyid":"""#, #""keyid":1"#, "'dsseEnvelope.signatures[0].keyid' is 1, expected a string"),
    (
      #""keyid":"""#, #""keyid":"","x":1"#,
      "'dsseEnvelope.signatures[0]' has the unknown key 'x'"
    ),
    (
      #""hint":"#, #""hint":1,"x":"#,
      "'verificationMaterial.publicKey.hint' is 1, expected a string"
    ),
    (#""hint":"#, #""x":"#, "'verificationMaterial.publicKey' has the unknown key 'x'"),
    (#""tlogEntries":"#, #""x":"#, "'verificationMaterial' has the unknown key 'x'"),
    (#"{"mediaType":"#, #"{"x":1,"mediaType":"#, "the key 'x' is unknown"),
    (
      #"{"mediaType":"#, #"{"mediaType":"a","mediaType":"#,
      "the key 'mediaType' at byte 17 of the JSON occurs twice in its object"
    ),
  ]

  @Test(arguments: refused)
  func `a bundle with another member or value is refused with the reason`(
    old: String, new: String, reason: String
  ) throws {
    let error = try #require(throws: BundleError.self) { try parse(old, new) }
    #expect(error.description == reason)
  }

  @Test func `a bundle of no or of too many signatures is refused`() throws {
    var bundle = try SignatureBundle(parsing: Array(try text().utf8))
    for count in [0, SignatureLimits.signatureCount + 1] {
      bundle = SignatureBundle(
        hint: nil,
        envelope: Envelope(
          payloadType: Envelope.statementType, payload: [],
          signatures: Array(repeating: [], count: count)))
      #expect(throws: BundleError.signatureCount(count)) {
        try SignatureBundle(parsing: bundle.canonicalBytes)
      }
    }
    #expect(
      BundleError.signatureCount(0).description == "it has 0 signatures, expected 1 to 64")
  }

  @Test(arguments: ["", "null", "[]", "{", "\"x\"", "{}", "nonsense", "\u{FEFF}{}"])
  func `a document that is not a JSON object is refused`(text: String) {
    #expect(throws: BundleError.self) { try SignatureBundle(parsing: Array(text.utf8)) }
  }

  @Test func `a bundle that is cut anywhere is refused`() throws {
    let bytes = Array(try text().utf8)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: BundleError.self) { try SignatureBundle(parsing: Array(bytes[..<count])) }
    }
  }

  @Test func `a flipped bit is refused, or changes nothing that is signed`() throws {
    let bytes = Array(try text().utf8)
    let key = try VerifyingKey(pemFile: Fixtures.path("signing/public.pem"))
    let payload = try SignatureBundle(parsing: bytes).envelope.payload
    for index in stride(from: 0, to: bytes.count, by: 13) {
      var flipped = bytes
      flipped[index] ^= 1 << (index % 7)
      guard let bundle = try? SignatureBundle(parsing: flipped),
        bundle.envelope.isSigned(by: key)
      else { continue }
      #expect(bundle.envelope.payload == payload, "at byte \(index)")
    }
  }
}
