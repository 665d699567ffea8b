import Crypto

/// The private key of P-256 that signs.
public struct SigningKey: Sendable {
  private let path: String
  private let key: P256.Signing.PrivateKey

  /// Reads an `EC PRIVATE KEY` or a `PRIVATE KEY` from a PEM file.
  ///
  /// - Throws: ``KeyError``.
  public init(pemFile path: String) throws(KeyError) {
    let expected = "'EC PRIVATE KEY' or 'PRIVATE KEY'"
    let file = try KeyFile(path: path, expected: expected)
    switch file.label {
    case "EC PRIVATE KEY":
      // The curve may be left out; the key is then tried as it is.
      try file.check(KeyAlgorithm(ecPrivateKey: file.bytes) ?? .p256)
    case "PRIVATE KEY":
      try file.check(KeyAlgorithm(privateKey: file.bytes))
    case "RSA PRIVATE KEY":
      throw .wrongAlgorithm(path: path, found: KeyAlgorithm.rsa.rawValue)
    case "PUBLIC KEY", "RSA PUBLIC KEY":
      throw .publicForPrivate(path: path)
    default:
      throw .wrongBlock(path: path, label: file.label, expected: expected)
    }
    do {
      key = try P256.Signing.PrivateKey(derRepresentation: file.bytes)
    } catch {
      throw .malformed(path: path, label: file.label)
    }
    self.path = path
  }

  /// The public key that belongs to it.
  public var verifyingKey: VerifyingKey { VerifyingKey(key.publicKey) }

  /// An ECDSA signature over the SHA-256 of `message`, in DER; no two are alike.
  func sign(_ message: [UInt8]) throws(KeyError) -> [UInt8] {
    do {
      return Array(try key.signature(for: message).derRepresentation)
    } catch {
      throw .cannotSign(path: path)
    }
  }
}
