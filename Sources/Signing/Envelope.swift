/// A DSSE envelope: a payload, its type, and signatures over both.
///
/// Source: secure-systems-lab/dsse, version 1.0, protocol and envelope.
public struct Envelope: Equatable, Sendable {
  /// The type of an in-toto statement.
  public static let statementType = "application/vnd.in-toto+json"

  /// The media type of the payload.
  public let payloadType: String
  /// What is signed, as bytes.
  public let payload: [UInt8]
  /// The signatures, DER in this form; nothing beside them says reliably who made one.
  public let signatures: [[UInt8]]

  init(payloadType: String, payload: [UInt8], signatures: [[UInt8]]) {
    self.payloadType = payloadType
    self.payload = payload
    self.signatures = signatures
  }

  /// A payload signed by one key.
  ///
  /// - Throws: ``KeyError/cannotSign(path:)``.
  init(signing payload: [UInt8], type: String, by key: SigningKey) throws(KeyError) {
    let message = Self.preAuthenticationEncoding(of: payload, type: type)
    self.init(payloadType: type, payload: payload, signatures: [try key.sign(message)])
  }

  /// Whether one of the signatures is by `key`.
  func isSigned(by key: VerifyingKey) -> Bool {
    let message = Self.preAuthenticationEncoding(of: payload, type: payloadType)
    return signatures.contains { key.isValid($0, of: message) }
  }

  /// The bytes that are signed: `DSSEv1`, then type and payload, each after its length in bytes,
  /// all with a space between.
  static func preAuthenticationEncoding(of payload: [UInt8], type: String) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }
}
