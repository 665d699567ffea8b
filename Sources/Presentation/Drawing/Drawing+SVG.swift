extension Drawing {
  /// Where an SVG will be used.
  public enum Setting: Sendable {
    /// As a standalone file, with its own colours and background.
    case standalone
    /// In a page that defines the colours, see ``Drawing/styleSheet(for:)``.
    case inline
  }

  /// The picture as SVG; it takes the width that there is, up to one and a half times its own.
  public func svg(_ setting: Setting) -> String {
    let (width, height) = (Self.number(width), Self.number(height))
    var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""
    text += " viewBox=\"0 0 \(width) \(height)\" width=\"100%\""
    text += " style=\"max-width:\(Self.number(1.5 * self.width))px\""
    text += " font-family=\"system-ui, sans-serif\">\n"
    text += "<title>\(title.escapedForMarkup)</title>\n"
    if !summary.isEmpty { text += "<desc>\(summary.escapedForMarkup)</desc>\n" }
    if setting == .standalone {
      text += "<style>\n\(Self.styleSheet(for: "svg"))</style>\n"
      text += "<rect width=\"\(width)\" height=\"\(height)\" fill=\"var(--chart-background)\"/>\n"
    }
    for element in elements { text += element.svg + "\n" }
    return text + "</svg>\n"
  }

  /// At most two decimals, without zeros at the end.
  static func number(_ value: Double) -> String {
    let digits = Numbers.fixed(value, digits: 2)
    let short = digits.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(short.reversed())
  }
}

extension Drawing.Element {
  /// One line of SVG.
  fileprivate var svg: String {
    let faded = opacity < 1 ? " opacity=\"\(Drawing.number(opacity))\"" : ""
    let (tag, attributes, content) = shape.svg(ink.paint)
    let inside = (tooltip.map { "<title>\($0.escapedForMarkup)</title>" } ?? "") + content
    let start = "<\(tag) \(attributes)\(faded)"
    return inside.isEmpty ? start + "/>" : start + ">\(inside)</\(tag)>"
  }
}

extension Drawing.Shape {
  /// The element's name, its attributes, and what it contains.
  fileprivate func svg(_ paint: String) -> (tag: String, attributes: String, content: String) {
    func number(_ value: Double) -> String { Drawing.number(value) }
    func area(_ area: Drawing.Rectangle) -> String {
      "x=\"\(number(area.x))\" y=\"\(number(area.y))\""
        + " width=\"\(number(area.width))\" height=\"\(number(area.height))\""
    }
    switch self {
    case .line(let points, let width, let isDashed):
      let places = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
      let dashes = isDashed ? " stroke-dasharray=\"\(number(4 * width)) \(number(3 * width))\"" : ""
      return (
        "polyline",
        "points=\"\(places)\" fill=\"none\" stroke=\"\(paint)\" stroke-width=\"\(number(width))\""
          + " stroke-linecap=\"round\" stroke-linejoin=\"round\"" + dashes, ""
      )
    case .circle(let center, let radius):
      return (
        "circle",
        "cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\""
          + " fill=\"\(paint)\"", ""
      )
    case .rectangle(let rectangle):
      return ("rect", area(rectangle) + " fill=\"\(paint)\"", "")
    case .outline(let rectangle, let width):
      return (
        "rect",
        area(rectangle) + " fill=\"none\" stroke=\"\(paint)\" stroke-width=\"\(number(width))\"", ""
      )
    case .text(let text):
      return ("text", text.attributes + " fill=\"\(paint)\"", text.string.escapedForMarkup)
    }
  }
}

extension Drawing.Text {
  fileprivate var attributes: String {
    let (x, y) = (Drawing.number(place.x), Drawing.number(place.y))
    var text = "x=\"\(x)\" y=\"\(y)\" font-size=\"\(Drawing.number(size))\""
    switch anchor {
    case .start: break
    case .middle: text += " text-anchor=\"middle\""
    case .end: text += " text-anchor=\"end\""
    }
    if isBold { text += " font-weight=\"600\"" }
    if angle != 0 { text += " transform=\"rotate(\(Drawing.number(-angle)) \(x) \(y))\"" }
    return text
  }
}

extension Ink {
  /// A value of `fill` and `stroke`.
  fileprivate var paint: String {
    switch self {
    case .text: "var(--chart-text)"
    case .muted: "var(--chart-muted)"
    case .grid: "var(--chart-grid)"
    case .background: "var(--chart-background)"
    case .series(let index): "var(--chart-series-\(Palette.series(index)))"
    case .scale, .onScale, .course: Palette.light[self].hex
    }
  }
}
