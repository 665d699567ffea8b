import Integrity
import FileAccess

/// The public key of P-256, P-384 or P-521 with which signatures are checked.
public struct VerifyingKey: Sendable {
  private let key: PublicKey

  init(_ key: PublicKey) { self.key = key }

  /// Reads a `PUBLIC KEY` from a PEM file.
  ///
  /// - Throws: ``KeyError``.
  public init(pemFile path: String) throws(KeyError) {
    let expected = "'PUBLIC KEY'"
    let file = try KeyFile(path: path, expected: expected)
    guard file.label == "PUBLIC KEY" else {
      throw file.label.hasSuffix("PRIVATE KEY")
        ? .privateForPublic(path: path)
        : .wrongBlock(path: path, label: file.label, expected: expected)
    }
    let curve = try file.curve(KeyAlgorithm(publicKey: file.bytes))
    guard let key = PublicKey(der: file.bytes, of: curve) else {
      throw .malformed(path: path, label: file.label)
    }
    self.key = key
  }

  /// By what a bundle names the key: SHA-256, in hexadecimal, of its PEM text as OpenSSL writes it.
  public var fingerprint: String {
    let text = PEM.text(label: "PUBLIC KEY", key.der)
    return "\(Digest(of: Array(text.utf8).span.rawBytes))"
  }

  /// Whether `signature`, in DER, is one of `message` by the private key: ECDSA over the digest that
  /// goes with the curve.
  func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    (try? key.isSigned(message, by: signature)) ?? false
  }
}
