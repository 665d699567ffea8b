import Crypto

/// A private key of one of the curves that sign; each goes with a digest of its strength.
enum PrivateKey: Sendable {
  case p256(P256.Signing.PrivateKey)
  case p384(P384.Signing.PrivateKey)
  case p521(P521.Signing.PrivateKey)

  /// Reads an `EC PRIVATE KEY` or a `PRIVATE KEY`; nil if it is not one of this curve.
  init?(der bytes: [UInt8], of curve: KeyAlgorithm) {
    do {
      switch curve {
      case .p256: self = .p256(try P256.Signing.PrivateKey(derRepresentation: bytes))
      case .p384: self = .p384(try P384.Signing.PrivateKey(derRepresentation: bytes))
      case .p521: self = .p521(try P521.Signing.PrivateKey(derRepresentation: bytes))
      default: return nil
      }
    } catch {
      return nil
    }
  }

  /// The public key that belongs to it.
  var publicKey: PublicKey {
    switch self {
    case .p256(let key): .p256(key.publicKey)
    case .p384(let key): .p384(key.publicKey)
    case .p521(let key): .p521(key.publicKey)
    }
  }

  /// An ECDSA signature in DER, over the message's SHA-256, SHA-384 or SHA-512.
  func signature(of message: [UInt8]) throws -> [UInt8] {
    switch self {
    case .p256(let key): Array(try key.signature(for: message).derRepresentation)
    case .p384(let key): Array(try key.signature(for: message).derRepresentation)
    case .p521(let key): Array(try key.signature(for: message).derRepresentation)
    }
  }
}

/// The public key to it.
enum PublicKey: Sendable {
  case p256(P256.Signing.PublicKey)
  case p384(P384.Signing.PublicKey)
  case p521(P521.Signing.PublicKey)

  /// Reads a `PUBLIC KEY`; nil if it is not one of this curve.
  init?(der bytes: [UInt8], of curve: KeyAlgorithm) {
    do {
      switch curve {
      case .p256: self = .p256(try P256.Signing.PublicKey(derRepresentation: bytes))
      case .p384: self = .p384(try P384.Signing.PublicKey(derRepresentation: bytes))
      case .p521: self = .p521(try P521.Signing.PublicKey(derRepresentation: bytes))
      default: return nil
      }
    } catch {
      return nil
    }
  }

  /// The `PUBLIC KEY` of it.
  var der: [UInt8] {
    switch self {
    case .p256(let key): Array(key.derRepresentation)
    case .p384(let key): Array(key.derRepresentation)
    case .p521(let key): Array(key.derRepresentation)
    }
  }

  /// Whether `signature`, in DER, is an ECDSA signature over the message's digest.
  ///
  /// - Throws: the library's error if the bytes are not a signature.
  func isSigned(_ message: [UInt8], by signature: [UInt8]) throws -> Bool {
    switch self {
    case .p256(let key):
      key.isValidSignature(try .init(derRepresentation: signature), for: message)
    case .p384(let key):
      key.isValidSignature(try .init(derRepresentation: signature), for: message)
    case .p521(let key):
      key.isValidSignature(try .init(derRepresentation: signature), for: message)
    }
  }
}
