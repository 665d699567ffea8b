/// The private key of P-256, P-384 or P-521 that signs.
public struct SigningKey: Sendable {
  private let path: String
  private let key: PrivateKey

  /// Reads an `EC PRIVATE KEY` or a `PRIVATE KEY` from a PEM file.
  ///
  /// - Throws: ``KeyError``.
  public init(pemFile path: String) throws(KeyError) {
    let expected = "'EC PRIVATE KEY' or 'PRIVATE KEY'"
    let file = try KeyFile(path: path, expected: expected)
    var curves: [KeyAlgorithm]
    switch file.label {
    case "EC PRIVATE KEY":
      // The curve may be left out; each is then tried.
      let curve = KeyAlgorithm(ecPrivateKey: file.bytes)
      curves =
        try curve.map { curve throws(KeyError) in [try file.curve(curve)] }
        ?? KeyAlgorithm.curves
    case "PRIVATE KEY":
      curves = [try file.curve(KeyAlgorithm(privateKey: file.bytes))]
    case "RSA PRIVATE KEY":
      throw .wrongAlgorithm(path: path, found: KeyAlgorithm.rsa.rawValue)
    case "PUBLIC KEY", "RSA PUBLIC KEY":
      throw .publicForPrivate(path: path)
    default:
      throw .wrongBlock(path: path, label: file.label, expected: expected)
    }
    let keys = curves.lazy.compactMap { PrivateKey(der: file.bytes, of: $0) }
    guard let key = keys.first else { throw .malformed(path: path, label: file.label) }
    self.key = key
    self.path = path
  }

  /// The public key that belongs to it.
  public var verifyingKey: VerifyingKey { VerifyingKey(key.publicKey) }

  /// An ECDSA signature over the digest of `message`, in DER; no two are alike.
  func sign(_ message: [UInt8]) throws(KeyError) -> [UInt8] {
    do {
      return try key.signature(of: message)
    } catch {
      throw .cannotSign(path: path)
    }
  }
}
