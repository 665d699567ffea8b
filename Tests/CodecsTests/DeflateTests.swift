import Codecs
import FileAccess
import TestSupport
import Testing

struct DeflateTests {
  /// Bytes without a pattern, of which about one in eight is the same.
  private static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 60 < 2 ? 0 : UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  private static let contents: [[UInt8]] = [
    [], [0], Array("muninn muninn muninn".utf8), Array(0...255),
    Array(repeating: 7, count: 100_000), noise(70_000),
    (0..<30_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) },
  ]

  @Test(arguments: contents)
  func `a stream inflates to what was compressed`(bytes: [UInt8]) {
    #expect(inflated(zlibStream(of: bytes.span.rawBytes)) == bytes)
  }

  @Test func `repetition takes little room, and noise little more than itself`() {
    let repeated = Array(repeating: UInt8(7), count: 100_000)
    #expect(zlibStream(of: repeated.span.rawBytes).count < 200)
    let noise = Self.noise(70_000)
    #expect(zlibStream(of: noise.span.rawBytes).count < 70_100)
  }

  @Test func `the same bytes make the same stream`() {
    let bytes = Self.noise(10_000)
    #expect(zlibStream(of: bytes.span.rawBytes) == zlibStream(of: Array(bytes).span.rawBytes))
  }

  @Test func `the tests' own reader reads what another program compressed`() {
    // Python 3: zlib.compress(b'muninn muninn muninn', 9)
    let stream: [UInt8] = [
      120, 218, 203, 45, 205, 203, 204, 203, 83, 200, 69, 166, 0, 84, 41, 8, 0,
    ]
    #expect(inflated(stream) == Array("muninn muninn muninn".utf8))
    for index in stream.indices {
      var damaged = stream
      damaged[index] ^= 0x10
      #expect(inflated(damaged) != Array("muninn muninn muninn".utf8), "byte \(index)")
    }
  }
}
