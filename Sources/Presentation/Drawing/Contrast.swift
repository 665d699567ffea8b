import CMuninnMath

extension Color {
  /// The relative luminance of WCAG 2.2, from 0 of black to 1 of white.
  var luminance: Double {
    let linear = [red, green, blue].map { channel in
      let value = channel / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  /// The contrast ratio of WCAG 2.2, from 1 to 21.
  func contrast(with other: Color) -> Double {
    let (one, two) = (luminance, other.luminance)
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  /// The colour that stands out most from this one.
  func clearest(of colors: [Color]) -> Color {
    colors.max { contrast(with: $0) < contrast(with: $1) } ?? self
  }
}
