/// A small font of strokes with round ends: printable ASCII and the signs that charts need.
///
/// It draws the text of PNG pictures; its advances, near those of the usual sans-serif faces, also
/// measure text for the layout of charts.
enum StrokeFont {
  /// The strokes of a character in units of the type's size.
  struct Glyph: Sendable {
    /// How far the next character is.
    let advance: Double
    /// Points from the left end of the baseline, y upwards.
    let strokes: [[Drawing.Point]]
  }

  /// The glyph of a character; a box for one that the font lacks.
  static func glyph(_ character: Character) -> Glyph {
    if let glyph = glyphs[character] { return glyph }
    let isWide = character.unicodeScalars.contains { $0.value >= 0x2E80 }
    return isWide ? wideBox : box
  }

  private static let glyphs: [Character: Glyph] = {
    var glyphs: [Character: Glyph] = [:]
    for line in outlines.split(separator: "\n") {
      guard let character = line.first else { continue }
      glyphs[character] = Glyph(outline: line.dropFirst(2))
    }
    for (signs, rise) in [("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", 0.32), ("₀₁₂₃₄₅₆₇₈₉₋", -0.12)] {
      for (sign, full) in zip(signs, "0123456789-") {
        glyphs[sign] = glyphs[full]?.small(raisedBy: rise)
      }
    }
    return glyphs
  }()

  private static let box = Glyph(outline: "g08c8cs0s08")
  private static let wideBox = Glyph(outline: "s08n8ns0s08")
}

extension StrokeFont.Glyph {
  /// The size of the type in the units of outlines, and the height of the baseline.
  private static let (size, baseline) = (28.0, 8.0)

  /// Reads an outline, whose numbers are single digits of base 36: the advance, then strokes
  /// parted by spaces, each of points x, y.
  ///
  /// A point after `~` is not on the stroke but bends it, as in TrueType: it is the control point
  /// of a quadratic curve, and between two of them the stroke passes through their middle.
  init(outline: Substring) {
    var digits = outline
    func number() -> Double {
      digits.popFirst().flatMap(\.digit36).map(Double.init) ?? 0
    }
    advance = number() / Self.size
    var strokes: [[(point: Drawing.Point, isOn: Bool)]] = [[]]
    while let next = digits.first {
      if next == " " {
        digits.removeFirst()
        strokes.append([])
      } else {
        let isOn = next != "~"
        if !isOn { digits.removeFirst() }
        let (x, y) = (number(), number())
        strokes[strokes.count - 1].append((Drawing.Point(x, y), isOn))
      }
    }
    // A glyph stands in the middle of its advance.
    let places = strokes.joined().map(\.point.x)
    let left = (advance * Self.size - (places.max() ?? 0) - (places.min() ?? 0)) / 2
    self.strokes = strokes.filter { !$0.isEmpty }.map { stroke in
      Self.flattened(stroke).map {
        Drawing.Point(($0.x + left) / Self.size, ($0.y - Self.baseline) / Self.size)
      }
    }
  }

  /// The glyph as a superscript or subscript.
  fileprivate func small(raisedBy rise: Double) -> Self {
    let scale = 0.64
    return Self(
      advance: advance * scale,
      strokes: strokes.map { $0.map { Drawing.Point($0.x * scale, $0.y * scale + rise) } })
  }

  /// A stroke with its curves as short lines.
  private static func flattened(
    _ stroke: [(point: Drawing.Point, isOn: Bool)]
  ) -> [Drawing.Point] {
    func mix(_ one: Drawing.Point, _ two: Drawing.Point, _ part: Double) -> Drawing.Point {
      Drawing.Point(one.x + (two.x - one.x) * part, one.y + (two.y - one.y) * part)
    }
    var points: [Drawing.Point] = []
    for (index, node) in stroke.enumerated() {
      guard !node.isOn, let start = points.last, index + 1 < stroke.count else {
        points.append(node.point)
        continue
      }
      let next = stroke[index + 1]
      let end = next.isOn ? next.point : mix(node.point, next.point, 0.5)
      for step in 1...6 {
        let part = Double(step) / 6
        points.append(
          mix(mix(start, node.point, part), mix(node.point, end, part), part))
      }
    }
    return points
  }
}

extension Character {
  /// The digit's value in base 36.
  fileprivate var digit36: Int? { Int(String(self), radix: 36) }
}

extension Drawing.Text {
  /// How far the line reaches along its baseline, in points.
  var length: Double {
    let em = string.reduce(0) { $0 + StrokeFont.glyph($1).advance }
    return em * size * (isBold ? 1.06 : 1)
  }
}
