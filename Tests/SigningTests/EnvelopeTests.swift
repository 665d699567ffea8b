import TestSupport
import Testing

@testable import Signing

struct EnvelopeTests {
  @Test func `what is signed is encoded as in the protocol's example`() {
    let encoding = Envelope.preAuthenticationEncoding(
      of: Array("hello world".utf8), type: "http://example.com/HelloWorld")
    #expect(
      String(decoding: encoding, as: UTF8.self)
        == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
  }

  @Test func `lengths are counted in bytes`() {
    let encoding = Envelope.preAuthenticationEncoding(of: Array("ü".utf8), type: "ä")
    #expect(String(decoding: encoding, as: UTF8.self) == "DSSEv1 2 ä 2 ü")
  }

  @Test func `one signature by the key is enough, its place does not matter`() throws {
    let payload = Array("payload".utf8)
    let key = try SigningKey(pemFile: Fixtures.path("signing/key.pem"))
    let other = try SigningKey(pemFile: Fixtures.path("signing/other-key.pem"))
    let signatures = try [key, other].map {
      try Envelope(signing: payload, type: "t", by: $0).signatures[0]
    }
    func envelope(_ signatures: [[UInt8]], type: String = "t") -> Envelope {
      Envelope(payloadType: type, payload: payload, signatures: signatures)
    }
    let orders = [signatures, [signatures[1], signatures[0]], [[], [0x30], signatures[0]]]
    for order in orders {
      #expect(envelope(order).isSigned(by: key.verifyingKey))
    }
    #expect(!envelope([signatures[1]]).isSigned(by: key.verifyingKey))
    #expect(!envelope([]).isSigned(by: key.verifyingKey))
    #expect(!envelope(signatures, type: "u").isSigned(by: key.verifyingKey))
  }
}
