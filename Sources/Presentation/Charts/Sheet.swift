/// A drawing under way, filled from the top: title, notes and legend, then the plot.
struct Sheet {
  /// The type size of everything but the title.
  static let size = 12.0
  /// From baseline to baseline.
  static let leading = 16.0
  static let margin = 12.0
  private static let titleSize = 14.0

  var drawing: Drawing
  /// Where the next line begins.
  private(set) var top = Sheet.margin

  /// The width between the margins.
  var width: Double { drawing.width - 2 * Self.margin }

  /// A sheet with its title.
  init(title: String, summary: String, width: Double, height: Double) {
    drawing = Drawing(
      width: max(200, width), height: max(120, height), title: title, summary: summary)
    for line in title.wrapped(to: self.width, size: Self.titleSize, isBold: true, limit: 3) {
      let place = Drawing.Point(Self.margin, top + Self.titleSize - 2)
      let text = Drawing.Text(line, at: place, size: Self.titleSize, isBold: true)
      drawing.add(.text(text), .text)
      top += 19
    }
  }

  /// A note below what is there, in lines as wide as the sheet.
  mutating func addNote(_ note: String, limit: Int = 3) {
    for line in note.wrapped(to: width, size: Self.size, limit: limit) {
      write(line, at: .init(Self.margin, top + Self.size), .muted)
      top += Self.leading
    }
  }

  /// Leaves a space below what is there.
  mutating func skip(_ space: Double) { top += space }

  /// Names beside their marks, in rows from left to right.
  mutating func addLegend(_ entries: [(name: String, mark: Mark)]) {
    guard !entries.isEmpty else { return }
    var x = Self.margin
    top += 4
    for (name, mark) in entries {
      let room = Mark.width + 6
      let text = name.cut(to: width - room, size: Self.size)
      let length = room + text.room(size: Self.size)
      if x > Self.margin, x + length > drawing.width - Self.margin {
        x = Self.margin
        top += Self.leading
      }
      mark.draw(at: .init(x, top + 8), on: &drawing)
      write(text, at: .init(x + room, top + Self.size), .text)
      x += length + 14
    }
    top += Self.leading + 6
  }

  /// Draws a line of text in the size of the sheet.
  mutating func write(
    _ text: String, at place: Drawing.Point, anchor: Drawing.Text.Anchor = .start, _ ink: Ink
  ) {
    guard !text.isEmpty else { return }
    drawing.add(.text(.init(text, at: place, anchor: anchor, size: Self.size)), ink)
  }
}

/// The mark beside a name in a legend.
enum Mark {
  /// A piece of a line, with a point on it.
  case line(Ink, isDashed: Bool)
  /// A piece of an area.
  case area(Ink)
  /// A piece of a line from early to late.
  case course

  static let width = 16.0

  /// Draws the mark in the middle of a line of text.
  ///
  /// - Parameters:
  ///   - place: Its left end.
  ///   - drawing: Where it is drawn.
  func draw(at place: Drawing.Point, on drawing: inout Drawing) {
    let (x, y, end) = (place.x, place.y, place.x + Self.width)
    switch self {
    case .line(let ink, let isDashed):
      drawing.add(
        .line([.init(x, y), .init(end, y)], width: LineStyle.width, isDashed: isDashed), ink)
      if !isDashed { drawing.add(.circle(.init((x + end) / 2, y), radius: LineStyle.radius), ink) }
    case .area(let ink):
      drawing.add(.rectangle(.init(x: x + 3, y: y - 5, width: 10, height: 10)), ink)
    case .course:
      for step in 0..<8 {
        let (start, part) = (x + Double(step) * 2, Double(step) / 7)
        drawing.add(
          .line([.init(start, y), .init(start + 2, y)], width: LineStyle.width), .course(part))
      }
    }
  }
}

/// How lines of data are drawn.
enum LineStyle {
  static let width = 2.0
  static let radius = 3.0
}
