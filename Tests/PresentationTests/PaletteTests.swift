import Testing

@testable import Presentation

struct PaletteTests {
  private static let themes = [Palette.light, .dark]

  @Test func `contrast is that of WCAG`() {
    #expect(Color(0x000000).contrast(with: Color(0xFFFFFF)) == 21)
    #expect(Color(0x777777).contrast(with: Color(0x777777)) == 1)
    // The lightest grey that is readable on white, by the usual tables 4.54 to 1.
    #expect((Color(0x767676).contrast(with: Color(0xFFFFFF)) - 4.54).magnitude < 0.005)
  }

  @Test(arguments: [0, 1])
  func `text is read and shapes are seen on the ground of each theme`(theme: Int) {
    let palette = Self.themes[theme]
    for ink in [Ink.text, .muted] {
      #expect(palette[ink].contrast(with: palette.background) >= 4.5, "\(ink)")
    }
    for index in palette.series.indices {
      #expect(palette[.series(index)].contrast(with: palette.background) >= 3, "\(index)")
    }
    for step in 0...100 {
      let course = palette[.course(Double(step) / 100)]
      #expect(course.contrast(with: palette.background) >= 3, "\(step)")
    }
    #expect(palette.grid.contrast(with: palette.background) < 1.6)
  }

  @Test func `text on a heat map is read at every value`() {
    for step in 0...200 {
      let value = Double(step) / 200
      let contrast = Palette.light[.onScale(value)].contrast(with: Palette.light[.scale(value)])
      #expect(contrast >= 4.5, "\(value)")
    }
  }

  @Test func `a larger value on a heat map is lighter`() {
    let luminances = (0...100).map { Palette.light[.scale(Double($0) / 100)].luminance }
    #expect(zip(luminances, luminances.dropFirst()).allSatisfy { $0 < $1 })
    #expect(Palette.light[.scale(-1)] == Palette.light[.scale(0)])
    #expect(Palette.light[.scale(.nan)] == Palette.light[.scale(0)])
    #expect(Palette.light[.scale(.infinity)] == Palette.light[.scale(1)])
  }

  @Test func `series begin again after seven`() {
    #expect(Set((0..<7).map { Palette.light[.series($0)] }).count == 7)
    #expect(Palette.dark[.series(7)] == Palette.dark[.series(0)])
    #expect(Palette.dark[.series(-1)] == Palette.dark[.series(6)])
    #expect(Palette.dark[.series(.min)] == Palette.dark[.series(.min + 7)])
  }

  /// What the cones of a colour vision make of linear RGB: Machado, Oliveira and Fernandes 2009,
  /// severity 1.
  private static let visions: [(name: String, matrix: [[Double]])] = [
    ("usual", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
      ]
    ),
  ]

  /// A colour in Oklab (Ottosson 2020), in which distances are about how different colours look.
  private func oklab(_ color: Color, seenWith matrix: [[Double]]) -> [Double] {
    func times(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
      matrix.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    // The luminance of a grey is its linear value.
    let linear = [color.red, color.green, color.blue].map { channel in
      var grey = color
      (grey.red, grey.green, grey.blue) = (channel, channel, channel)
      return grey.luminance
    }
    let seen = times(matrix, linear).map { min(max($0, 0), 1) }
    let cones = times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ], seen)
    return times(
      [
        [0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
      ], cones.map(cubeRoot))
  }

  private func cubeRoot(_ value: Double) -> Double {
    var root = 1.0
    for _ in 0..<60 { root -= (root * root * root - value) / (3 * root * root) }
    return root
  }

  @Test(arguments: [0, 1])
  func `series differ to every kind of colour vision`(theme: Int) {
    let colors = Self.themes[theme].series
    for (name, matrix) in Self.visions {
      let seen = colors.map { oklab($0, seenWith: matrix) }
      for one in seen.indices {
        for two in seen.indices where two < one {
          let square = zip(seen[one], seen[two]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          #expect(square.squareRoot() >= 0.06, "\(name): \(one), \(two)")
        }
      }
    }
  }
}
