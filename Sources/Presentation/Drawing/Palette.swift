/// The colours of a theme.
///
/// The series have about the hues of Okabe and Ito, and differ in lightness too, so that people of
/// all kinds of colour vision tell them apart; each stands out from its ground at least 3 to 1.
struct Palette: Sendable {
  let background, text, muted, grid: Color
  let series: [Color]

  static let light = Palette(
    background: Color(0xFFFFFF), text: Color(0x1C2126), muted: Color(0x5B646E),
    grid: Color(0xE2E6EA),
    series: [0x0B62C3, 0xE0601C, 0x3A9963, 0xC765B2, 0x8A5A28, 0x085583, 0x6B7480].map(Color.init))

  static let dark = Palette(
    background: Color(0x15191E), text: Color(0xE8EBEE), muted: Color(0xA2ABB5),
    grid: Color(0x2E353D),
    series: [0x3FB0F0, 0xF0652F, 0x6FE0A0, 0xC070A0, 0xE0B050, 0x3F88C8, 0xB4BCC5].map(Color.init))

  /// Viridis, in which equal steps of the value look equal and also differ in lightness.
  private static let scale = [
    0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725,
  ].map(Color.init)

  /// From blue to orange, all of a lightness that stands out from both grounds.
  private static let course = [0x2F7BE0, 0x8A62D8, 0xC6509E, 0xDD5552, 0xD5670A].map(Color.init)

  /// The colour of an ink.
  subscript(ink: Ink) -> Color {
    switch ink {
    case .text: text
    case .muted: muted
    case .grid: grid
    case .background: background
    case .series(let index): series[Self.series(index)]
    case .scale(let value): Self.color(at: value, of: Self.scale)
    case .onScale(let value):
      Self.color(at: value, of: Self.scale).clearest(of: [Color(0x000000), Color(0xFFFFFF)])
    case .course(let part): Self.color(at: part, of: Self.course)
    }
  }

  /// The index among the colours of a theme for a series' index, any integer.
  static func series(_ index: Int) -> Int {
    let count = light.series.count
    return (index % count + count) % count
  }

  private static func color(at value: Double, of stops: [Color]) -> Color {
    let place = (value.isNaN ? 0 : min(max(value, 0), 1)) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    return stops[index].mixed(with: stops[index + 1], place - Double(index))
  }
}

extension Palette {
  /// The inks that differ between themes, by the names of their CSS variables.
  var variables: [(name: String, color: Color)] {
    [("text", text), ("muted", muted), ("grid", grid), ("background", background)]
      + series.enumerated().map { ("series-\($0.offset)", $0.element) }
  }
}

extension Drawing {
  /// CSS that defines the variables of which the SVG takes its colours, `--chart-text` and so on,
  /// light, and dark where the reader prefers it.
  ///
  /// - Parameter selector: What the variables are for, such as `:root` of a page.
  /// - Returns: Two rules, one of them in a media query.
  public static func styleSheet(for selector: String = ":root") -> String {
    func rule(_ palette: Palette) -> String {
      let declarations = palette.variables.map { "--chart-\($0.name):\($0.color.hex)" }
      return "\(selector){\(declarations.joined(separator: ";"))}"
    }
    return rule(.light) + "\n@media (prefers-color-scheme:dark){" + rule(.dark) + "}\n"
  }
}
