/// The role of a colour; the light or dark theme decides the colour itself.
public enum Ink: Hashable, Sendable {
  /// Text, and lines as strong as text.
  case text
  /// Text of less weight: titles of axes, notes.
  case muted
  /// Lines behind the data.
  case grid
  /// The ground of the picture.
  case background
  /// The data series of an index, from 0; there are seven colours, which begin again.
  case series(Int)
  /// A value from 0 to 1 as the colour of an area; it is the same in both themes.
  case scale(Double)
  /// Text on an area of ``scale(_:)`` of the same value.
  case onScale(Double)
  /// How far along a path, from 0 to 1, as the colour of a line; the same in both themes.
  case course(Double)
}

/// An opaque colour in sRGB.
struct Color: Hashable, Sendable {
  /// Red, green and blue from 0 to 255.
  var red, green, blue: Double

  /// The colour `0xRRGGBB`.
  init(_ hex: UInt32) {
    red = Double(hex >> 16 & 0xFF)
    green = Double(hex >> 8 & 0xFF)
    blue = Double(hex & 0xFF)
  }

  /// The colour a part of the way to another.
  func mixed(with other: Color, _ part: Double) -> Color {
    var color = self
    color.red += (other.red - red) * part
    color.green += (other.green - green) * part
    color.blue += (other.blue - blue) * part
    return color
  }

  /// Red, green and blue as bytes.
  var bytes: [UInt8] { [red, green, blue].map { UInt8(min(max($0, 0), 255).rounded()) } }

  /// `#rrggbb`.
  var hex: String {
    "#" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
