import Crypto
import Integrity
import FileAccess

/// The public key of P-256 with which signatures are checked.
public struct VerifyingKey: Sendable {
  private let key: P256.Signing.PublicKey

  init(_ key: P256.Signing.PublicKey) { self.key = key }

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
    try file.check(KeyAlgorithm(publicKey: file.bytes))
    do {
      key = try P256.Signing.PublicKey(derRepresentation: file.bytes)
    } catch {
      throw .malformed(path: path, label: file.label)
    }
  }

  /// By what a bundle names the key: SHA-256, in hexadecimal, of its PEM text as OpenSSL writes it.
  public var fingerprint: String {
    let text = PEM.text(label: "PUBLIC KEY", Array(key.derRepresentation))
    return "\(Digest(of: Array(text.utf8).span.rawBytes))"
  }

  /// Whether `signature`, in DER, is one of `message` by the private key: ECDSA over SHA-256.
  func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else {
      return false
    }
    return key.isValidSignature(signature, for: message)
  }
}
