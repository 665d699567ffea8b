import FileAccess
import Integrity
import Presentation
import TestSupport
import Testing

/// A PNG file taken apart.
private struct Picture {
  let width, height: Int
  let pixels: [[UInt8]]

  /// Reads signature, chunks with their sums, header and scanlines.
  init(_ file: [UInt8]) throws {
    func number(at place: Int) -> Int { file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    try #require(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    var chunks: [(type: String, content: [UInt8])] = []
    var place = 8
    while place < file.count {
      let count = number(at: place)
      let body = Array(file[place + 4..<place + 8 + count])
      chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      #expect(number(at: place + 8 + count) == Int(crc32(of: body.span.rawBytes)))
      place += count + 12
    }
    #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
    width = number(at: 16)
    height = number(at: 20)
    // 8 bits, RGB, and no other choice than 0 for compression, filters and interlacing.
    #expect(chunks[0].content.suffix(5) == [8, 2, 0, 0, 0])
    #expect(chunks[2].content.isEmpty)
    let scanlines = try #require(inflated(chunks[1].content))
    let stride = 3 * width + 1
    try #require(scanlines.count == stride * height)
    #expect((0..<height).allSatisfy { scanlines[$0 * stride] == 0 })
    pixels = (0..<height).map { Array(scanlines[$0 * stride + 1..<($0 + 1) * stride]) }
  }

  subscript(x: Int, y: Int) -> [UInt8] { Array(pixels[y][3 * x..<3 * x + 3]) }
}

struct PNGTests {
  private static let white: [UInt8] = [255, 255, 255]
  private static let blue: [UInt8] = [0x0B, 0x62, 0xC3]

  private func picture(
    _ width: Double, _ height: Double, scale: Int = 1, _ draw: (inout Drawing) -> Void
  ) throws -> Picture {
    var drawing = Drawing(width: width, height: height, title: "")
    draw(&drawing)
    return try Picture(drawing.png(scale: scale))
  }

  @Test func `an empty drawing is its ground, each point as many pixels as the scale`() throws {
    let picture = try picture(3.2, 2, scale: 3) { _ in }
    #expect(picture.width == 10)
    #expect(picture.height == 6)
    #expect(picture.pixels.joined().allSatisfy { $0 == 255 })
  }

  @Test func `a filled rectangle covers its pixels, and half of those that it covers by half`()
    throws
  {
    let picture = try picture(6, 4) {
      $0.add(.rectangle(.init(x: 1, y: 1, width: 3.5, height: 2)), .series(0))
    }
    for y in 0..<4 {
      for x in 0..<6 {
        let isInside = (1...3).contains(x) && (1...2).contains(y)
        let isHalf = x == 4 && (1...2).contains(y)
        #expect(
          picture[x, y] == (isInside ? Self.blue : isHalf ? [133, 177, 225] : Self.white),
          "\(x), \(y)")
      }
    }
  }

  @Test func `a circle is full at its centre, smooth at its edge, and symmetrical`() throws {
    let picture = try picture(21, 21) {
      $0.add(.circle(.init(10.5, 10.5), radius: 6.3), .series(0))
    }
    #expect(picture[10, 10] == Self.blue)
    #expect(picture[10, 5] == Self.blue)
    #expect(picture[10, 3] == Self.white)
    #expect(picture[14, 5] != Self.blue && picture[14, 5] != Self.white)
    for (x, y) in [(4, 10), (6, 6), (8, 4), (5, 7)] {
      let mirrored = [picture[20 - x, y], picture[x, 20 - y], picture[y, x]]
      #expect(mirrored.allSatisfy { $0 == picture[x, y] }, "\(x), \(y)")
    }
    // Its area is that of the circle, within a pixel.
    let ink = picture.pixels.joined().enumerated().filter { $0.offset % 3 == 0 }
      .reduce(0.0) { $0 + Double(255 - $1.element) / Double(255 - 0x0B) }
    #expect((ink - .pi * 6.3 * 6.3).magnitude < 1)
  }

  @Test func `a line has its width, round ends, and one opacity where its parts meet`() throws {
    let picture = try picture(30, 30) {
      $0.add(
        .line([.init(5, 5), .init(25, 5), .init(25, 25)], width: 4), .series(0), opacity: 0.5)
    }
    let half: [UInt8] = [133, 177, 225]
    for (x, y) in [(15, 4), (15, 5), (24, 4), (25, 15), (24, 5)] {
      #expect(zip(picture[x, y], half).allSatisfy { ($0.max($1) - $0.min($1)) <= 1 }, "\(x), \(y)")
    }
    #expect(picture[15, 8] == Self.white)
    #expect(picture[15, 1] == Self.white)
    #expect(picture[3, 3] != half && picture[4, 4] == picture[15, 4])
    #expect(picture[1, 5] == Self.white)
  }

  @Test func `dashes leave gaps`() throws {
    let picture = try picture(40, 3) {
      $0.add(.line([.init(2, 1.5), .init(38, 1.5)], width: 1, isDashed: true), .series(0))
    }
    #expect(picture[3, 1] == Self.blue)
    #expect(picture[7, 1] == Self.white)
    #expect(picture[11, 1] == Self.blue)
  }

  @Test func `text is on its baseline, on the side of its place that its anchor says`() throws {
    func columns(_ anchor: Drawing.Text.Anchor, angle: Double = 0) throws -> (
      ClosedRange<Int>, ClosedRange<Int>
    ) {
      let picture = try picture(80, 80) {
        $0.add(
          .text(.init("HH", at: .init(40, 40), anchor: anchor, size: 20, angle: angle)), .text)
      }
      let inked = (0..<80).flatMap { y in (0..<80).map { x in (x, y) } }
        .filter { picture[$0.0, $0.1] != Self.white }
      let (xs, ys) = (inked.map(\.0), inked.map(\.1))
      return (
        try #require(xs.min())...(try #require(xs.max())),
        try #require(ys.min())...(try #require(ys.max()))
      )
    }
    let (start, up) = try columns(.start)
    #expect(start.lowerBound >= 40 && start.upperBound < 72)
    #expect(up.lowerBound >= 23 && (39...41).contains(up.upperBound))
    #expect(try columns(.end).0.upperBound <= 40)
    let middle = try columns(.middle).0
    #expect((39...41).contains((middle.lowerBound + middle.upperBound + 1) / 2))
    let (across, turned) = try columns(.start, angle: 90)
    #expect(turned.upperBound <= 40 && across.upperBound <= 41 && across.lowerBound >= 23)
  }

  @Test func `characters differ, and those that the font lacks are boxes`() throws {
    func pixels(_ text: String) throws -> [[UInt8]] {
      try picture(20, 20) { $0.add(.text(.init(text, at: .init(2, 15), size: 12)), .text) }.pixels
    }
    let characters =
      (33...126).map { String(UnicodeScalar(UInt8($0))) } + ["·", "→", "‖", "×", "²"]
    let drawn = try characters.map(pixels)
    #expect(Set(drawn).count == characters.count)
    let blank = try pixels(" ")
    #expect(!drawn.contains(blank))
    #expect(try pixels("ж") == pixels("ю"))
    #expect(try !drawn.contains(pixels("ж")))
  }

  @Test func `shapes beyond the edge are cut, and those without a place are not drawn`() throws {
    let picture = try picture(4, 4) {
      $0.add(.rectangle(.init(x: -1000, y: 2, width: 999_999, height: 900_000)), .series(0))
      $0.add(.circle(.init(-900_000, 900_000), radius: 5), .series(1))
      $0.add(.line([.init(-999_999, -50), .init(999_999, -50)], width: 2), .series(1))
      $0.add(.line([.init(.nan, 0), .init(4, 4)], width: 2), .series(1))
      $0.add(.circle(.init(1, 1), radius: .infinity), .series(1))
      $0.add(.rectangle(.init(x: 0, y: 0, width: -1, height: 4)), .series(1))
      $0.add(.rectangle(.init(x: 0, y: 0, width: 2e6, height: 4)), .series(1))
      $0.add(.text(.init("x", at: .init(0, 0), size: .nan)), .series(1))
      $0.add(.line([], width: 1), .series(1))
      #expect($0.elements.count == 4)
    }
    for x in 0..<4 {
      #expect((0..<4).map { picture[x, $0] } == [Self.white, Self.white, Self.blue, Self.blue])
    }
  }

  @Test func `more pixels than the limit are refused`() throws {
    let drawing = Drawing(width: 4096, height: 4097, title: "")
    #expect(
      throws: DrawingError.tooManyPixels(width: 4096, height: 4097, scale: 1, limit: 1 << 24)
    ) { try drawing.png(scale: 1) }
    let endless = Drawing(width: .infinity, height: .nan, title: "")
    #expect(endless.width == 1e6 && endless.height == 1)
    let error = #expect(throws: DrawingError.self) { try endless.png(scale: .max) }
    #expect(
      error.map { "\($0)" }?.hasSuffix("exceeds the limit of 16,777,216 pixels") == true)
  }
}

extension UInt8 {
  fileprivate func max(_ other: UInt8) -> UInt8 { self > other ? self : other }
  fileprivate func min(_ other: UInt8) -> UInt8 { self < other ? self : other }
}
