import StrictJSON

/// A signature file: a Sigstore bundle of version 0.3 around a DSSE envelope, signed with a key.
///
/// `formats/signing.md` describes it.
public struct SignatureBundle: Equatable, Sendable {
  /// The one form that is written and read.
  public static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
  /// The name of the signature in a pack.
  public static let fileName = "model.sig"

  /// The fingerprint of the key, where the bundle names it.
  ///
  /// Nothing signs it: it explains a refusal and proves nothing.
  public let hint: String?
  /// What is signed.
  public let envelope: Envelope

  init(hint: String?, envelope: Envelope) {
    self.hint = hint
    self.envelope = envelope
  }

  /// The file's bytes.
  public var canonicalBytes: [UInt8] { json.canonicalBytes }

  private var json: JSONValue {
    var publicKey: [String: JSONValue] = [:]
    if let hint { publicKey["hint"] = .string(hint) }
    return [
      "mediaType": .string(Self.mediaType),
      "verificationMaterial": ["publicKey": .object(publicKey), "tlogEntries": []],
      "dsseEnvelope": [
        "payload": .string(Base64.encode(envelope.payload)),
        "payloadType": .string(envelope.payloadType),
        "signatures": .array(
          envelope.signatures.map { ["sig": .string(Base64.encode($0)), "keyid": ""] }),
      ],
    ]
  }
}
