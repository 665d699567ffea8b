import FileAccess
import TestSupport
import Testing

@testable import Signing

struct KeyTests {
  private static let message = Array("to be signed".utf8)

  private func path(_ name: String) -> String { Fixtures.path("signing/\(name)") }

  @Test(
    arguments: [
      ("key.pem", "public.pem"), ("key-pkcs8.pem", "public.pem"),
      ("key-with-parameters.pem", "public.pem"), ("p384.pem", "p384-public.pem"),
      ("p384-pkcs8.pem", "p384-public.pem"), ("p521.pem", "p521-public.pem"),
      ("p521-pkcs8.pem", "p521-public.pem"),
    ])
  func `a public key verifies what its private key signs`(name: String, publicName: String) throws {
    let key = try SigningKey(pemFile: path(name))
    let signature = try key.sign(Self.message)
    let own = try VerifyingKey(pemFile: path(publicName))
    #expect(key.verifyingKey.fingerprint == own.fingerprint)
    #expect(own.isValid(signature, of: Self.message))
    #expect(!own.isValid(signature, of: Self.message + [0]))
    #expect(!own.isValid(Array(signature.dropLast()), of: Self.message))
    #expect(!own.isValid([], of: Self.message))
    let other = try VerifyingKey(pemFile: path("other-public.pem"))
    #expect(!other.isValid(signature, of: Self.message))
  }

  @Test(arguments: ["public.pem", "p384-public.pem", "p521-public.pem"])
  func `the fingerprint is the digest of the file that OpenSSL writes`(name: String) throws {
    let directory = try TemporaryDirectory()
    let text = String(decoding: try Fixtures.bytes("signing/\(name)"), as: UTF8.self)
    // The first line says what the key is for.
    let plain = try directory.write(
      "public.pem", String(text.drop { $0 != "\n" }.dropFirst()))
    let key = try VerifyingKey(pemFile: plain)
    #expect(key.fingerprint == "\(try Digests.ofFile(plain))")
  }

  @Test(arguments: ["p384", "p521"])
  func `a signature by the model-signing package is over the digest of its curve`(
    curve: String
  ) throws {
    let bundle = try SignatureBundle(
      parsing: try Fixtures.bytes("signing/huginn-nano-int8-\(curve).sig"))
    let key = try VerifyingKey(pemFile: path("\(curve)-public.pem"))
    #expect(bundle.envelope.isSigned(by: key))
    #expect(bundle.hint == key.fingerprint)
    for other in ["public.pem", "p384-public.pem", "p521-public.pem"]
    where other != "\(curve)-public.pem" {
      #expect(!bundle.envelope.isSigned(by: try VerifyingKey(pemFile: path(other))))
    }
  }

  @Test func `the length tells the curve of a key that does not name it`() throws {
    let directory = try TemporaryDirectory()
    for name in ["key", "p384", "p521"] {
      let text = String(decoding: try Fixtures.bytes("signing/\(name).pem"), as: UTF8.self)
      let bytes = try #require(PEM(text).blocks.first?.bytes)
      var outer = DERReader(bytes[...])
      let entered = outer.enter(DERReader.Tag.sequence)
      var key = try #require(entered)
      _ = key.take(DERReader.Tag.integer)
      let taken = key.take(DERReader.Tag.octetString)
      let number = Array(try #require(taken))
      let content = [0x02, 1, 1, 0x04, UInt8(number.count)] + number
      let bare = [0x30, UInt8(content.count)] + content
      let file = try directory.write("key.pem", PEM.text(label: "EC PRIVATE KEY", bare))
      #expect(
        try SigningKey(pemFile: file).verifyingKey.fingerprint
          == SigningKey(pemFile: path("\(name).pem")).verifyingKey.fingerprint)
    }
  }

  @Test func `line ends of another system, spaces and text around change nothing`() throws {
    let directory = try TemporaryDirectory()
    let text = String(decoding: try Fixtures.bytes("signing/public.pem"), as: UTF8.self)
    let file = try directory.write(
      "public.pem", text.replacing("\n", with: " \r\n") + "\r\nmore: text\r\n")
    #expect(
      try VerifyingKey(pemFile: file).fingerprint
        == VerifyingKey(pemFile: path("public.pem")).fingerprint)
  }

  static let refusedForSigning: [(name: String, reason: String)] = [
    ("public.pem", "holds a public key, expected the private key"),
    (
      "encrypted.pem",
      "is encrypted; 'openssl pkey -in FILE -out PLAIN' removes the passphrase"
    ),
    (
      "encrypted-pkcs8.pem",
      "is encrypted; 'openssl pkey -in FILE -out PLAIN' removes the passphrase"
    ),
    (
      "certificate.pem",
      "holds the block 'CERTIFICATE', expected 'EC PRIVATE KEY' or 'PRIVATE KEY'"
    ),
    ("secp256k1.pem", "is EC secp256k1, expected EC P-256, P-384 or P-521"),
    ("rsa.pem", "is RSA, expected EC P-256, P-384 or P-521"),
    ("ed25519.pem", "is Ed25519, expected EC P-256, P-384 or P-521"),
  ]

  @Test(arguments: refusedForSigning)
  func `a file that holds no private key that signs is refused by what it is`(
    name: String, reason: String
  ) throws {
    let error = try #require(throws: KeyError.self) { try SigningKey(pemFile: path(name)) }
    #expect(error.description.contains("'\(path(name))'"))
    #expect(error.description.contains(reason))
  }

  static let refusedForVerifying: [(name: String, reason: String)] = [
    ("key.pem", "holds a private key, expected the public key"),
    ("ed25519.pem", "holds a private key, expected the public key"),
    ("certificate.pem", "holds the block 'CERTIFICATE', expected 'PUBLIC KEY'"),
    ("secp256k1-public.pem", "is EC secp256k1, expected EC P-256, P-384 or P-521"),
  ]

  @Test(arguments: refusedForVerifying)
  func `a file that holds no public key that verifies is refused by what it is`(
    name: String, reason: String
  ) throws {
    let error = try #require(throws: KeyError.self) { try VerifyingKey(pemFile: path(name)) }
    #expect(error.description.contains("'\(path(name))'"))
    #expect(error.description.contains(reason))
  }

  static let begin = "-----BEGIN EC PRIVATE KEY-----"
  static let end = "-----END EC PRIVATE KEY-----"
  static let malformed: [(text: String, reason: String)] = [
    ("", "has no PEM block"),
    ("MHcCAQEEIIQHaYxoH+9zBi2Q\n", "has no PEM block"),
    ("\(begin)\nMHcC\n", "has no PEM block"),
    ("\(begin)\nMHcC\n-----END PRIVATE KEY-----\n", "has no PEM block"),
    ("\(begin)\nMHc\n\(end)\n", "the block 'EC PRIVATE KEY' is not base64"),
    (
      "\(begin)\nMHcC\n\(end)\n",
      "the block 'EC PRIVATE KEY' is not a valid key on P-256, P-384 or P-521"
    ),
    (
      "\(begin)\n\(end)\n",
      "the block 'EC PRIVATE KEY' is not a valid key on P-256, P-384 or P-521"
    ),
    (
      "-----BEGIN PRIVATE KEY-----\nMHcC\n-----END PRIVATE KEY-----\n",
      "the block 'PRIVATE KEY' is not a valid key on P-256, P-384 or P-521"
    ),
    (
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
      "holds the block 'EC PARAMETERS', expected 'EC PRIVATE KEY' or 'PRIVATE KEY'"
    ),
  ]

  @Test(arguments: malformed)
  func `a file that is not a whole key is refused`(text: String, reason: String) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("key.pem", text)
    let error = try #require(throws: KeyError.self) { try SigningKey(pemFile: file) }
    #expect(error.description.contains(reason))
  }

  @Test func `a file that is not a key file is refused before it is read`() throws {
    let directory = try TemporaryDirectory()
    let large = try directory.write("key.pem", [UInt8](repeating: 0x20, count: 65537))
    #expect(
      throws: KeyError.file(
        .tooLarge(path: large, byteCount: 65537, limit: SignatureLimits.keyByteCount))
    ) { try SigningKey(pemFile: large) }
    #expect(throws: KeyError.file(.notFound(path: directory("none")))) {
      try VerifyingKey(pemFile: directory("none"))
    }
    #expect(
      throws: KeyError.file(.notARegularFile(path: directory.path, found: "a directory"))
    ) { try VerifyingKey(pemFile: directory.path) }
  }

  @Test(arguments: ["key.pem", "p384.pem", "p521.pem"])
  func `a key that is cut or whose bits are flipped never traps`(name: String) throws {
    let directory = try TemporaryDirectory()
    let blocks = PEM(String(decoding: try Fixtures.bytes("signing/\(name)"), as: UTF8.self)).blocks
    let bytes = try #require(blocks.first?.bytes)
    for index in bytes.indices {
      var flipped = bytes
      flipped[index] ^= 0x80
      for key in [flipped, Array(bytes[..<index])] {
        for label in ["EC PRIVATE KEY", "PRIVATE KEY"] {
          let file = try directory.write("key.pem", PEM.text(label: label, key))
          _ = try? SigningKey(pemFile: file)
        }
      }
    }
  }
}
