import TestSupport
import Testing

@testable import Signing

/// What is taken for a key's text on a command line, and what is not.
struct KeyMaterialTests {
  private func isKey(_ text: String) -> Bool { KeyMaterial.occurs(in: Array(text.utf8)) }

  @Test(
    arguments: [
      "key.pem", "key-pkcs8.pem", "key-with-parameters.pem", "other-key.pem", "p384.pem",
      "p384-pkcs8.pem", "p521.pem", "p521-pkcs8.pem", "secp256k1.pem", "rsa.pem", "ed25519.pem",
      "encrypted-pkcs8.pem", "public.pem", "certificate.pem",
    ])
  func `a key is recognized with and without its frame, and by its first line`(name: String) throws
  {
    let text = String(decoding: try Fixtures.bytes("signing/\(name)"), as: UTF8.self)
    let lines = text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("-----") }
    let blocks = PEM(text).blocks
    let block = try #require(blocks.last { $0.label != "EC PARAMETERS" }?.bytes)
    let body = Base64.encode(block)
    for form in [
      text, text.replacing("\n", with: " "), text.replacing("\n", with: "\\n"),
      text.replacing("\n", with: "\r\n"), "x=\(text)", "-----BEGIN", lines.joined(separator: "\n"),
      body, "--key=\(body)", "\"\(body)\"", " \(body)\n", String(body.prefix(64)),
      String(body.prefix(48)),
    ] {
      #expect(isKey(form), "\(form)")
    }
    #expect(KeyMaterial.occurs(in: block))
    #expect(KeyMaterial.occurs(in: block.filter { $0 != 0 }))
  }

  @Test(
    arguments: [
      "", "key.pem", "/etc/keys/key.pem", "--key", "--tokens=71,111,100", "MHcCAQEE",
      "0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "begin private key",
      "6ad6c9f9b9b6b3f0c9a2f7f5e0f1d2c3b4a5968778695a4b3c2d1e0f00112233",
      "/models--tomg-group-umd--huginn-0125/snapshots/2a364bd96e53bf6f3d6e9ee6a1e5f8b1d34a1cbe",
      "TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsuIE1hbnkgaGFuZHMgbWFrZSBsaWdodA",
      "model.safetensors=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "0\u{80}0", "Größe/重み/👍", String(repeating: "A", count: 100_000),
    ])
  func `a path, a digest or a text is not a key`(text: String) {
    #expect(!isKey(text))
  }
}
