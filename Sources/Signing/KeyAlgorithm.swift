/// The kind of key in a block, as far as its identifiers say.
enum KeyAlgorithm: String {
  case p256 = "EC P-256"
  case p384 = "EC P-384"
  case p521 = "EC P-521"
  case secp256k1 = "EC secp256k1"
  case anotherCurve = "EC on another curve"
  case rsa = "RSA"
  case ed25519 = "Ed25519"
  case another = "of another kind"

  /// Those that sign: what the `model-signing` package takes.
  static let curves: [KeyAlgorithm] = [.p256, .p384, .p521]

  /// The kind of a `PUBLIC KEY` (RFC 5280 §4.1); nil if the block is not one.
  init?(publicKey bytes: [UInt8]) {
    var outer = DERReader(bytes[...])
    guard var key = outer.enter(DERReader.Tag.sequence) else { return nil }
    self.init(identifierIn: &key)
  }

  /// The kind of a `PRIVATE KEY` (RFC 5958); nil if the block is not one.
  init?(privateKey bytes: [UInt8]) {
    var outer = DERReader(bytes[...])
    guard var key = outer.enter(DERReader.Tag.sequence), key.take(DERReader.Tag.integer) != nil
    else { return nil }
    self.init(identifierIn: &key)
  }

  /// The kind of an `EC PRIVATE KEY` (RFC 5915); nil if the block is not one, or names no curve.
  init?(ecPrivateKey bytes: [UInt8]) {
    var outer = DERReader(bytes[...])
    guard var key = outer.enter(DERReader.Tag.sequence), key.take(DERReader.Tag.integer) != nil,
      key.take(DERReader.Tag.octetString) != nil,
      var parameters = key.enter(DERReader.Tag.firstOptional),
      let curve = parameters.take(DERReader.Tag.objectIdentifier)
    else { return nil }
    self.init(curve: Array(curve))
  }

  private init?(identifierIn key: inout DERReader) {
    guard var identifier = key.enter(DERReader.Tag.sequence),
      let algorithm = identifier.take(DERReader.Tag.objectIdentifier)
    else { return nil }
    switch Array(algorithm) {
    case [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]:
      self.init(curve: Array(identifier.take(DERReader.Tag.objectIdentifier) ?? []))
    case [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]: self = .rsa
    case [0x2B, 0x65, 0x70]: self = .ed25519
    default: self = .another
    }
  }

  private init(curve: [UInt8]) {
    switch curve {
    case [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]: self = .p256
    case [0x2B, 0x81, 0x04, 0x00, 0x22]: self = .p384
    case [0x2B, 0x81, 0x04, 0x00, 0x23]: self = .p521
    case [0x2B, 0x81, 0x04, 0x00, 0x0A]: self = .secp256k1
    default: self = .anotherCurve
    }
  }
}
