/// Paths of a state through a plane, recurrence by recurrence, about the place where the first of
/// them settles.
///
/// The picture says what its scale is: linear near that place, logarithmic beyond. All paths share
/// it: what a second one is drawn for is how far from the first it settles, which a centre of its
/// own would hide; how it moves about its own end stands in its caption.
public struct TrajectoryPlot: Sendable {
  /// A path from its first point to its last.
  public struct Path: Sendable {
    /// What the path is called.
    public var name: String
    /// The points in the order in which they were visited; one that is not finite is a gap.
    public var points: [(recurrence: Int, x: Double, y: Double)]

    /// A path through points.
    public init(_ name: String, _ points: [(recurrence: Int, x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  private let title, xTitle, yTitle: String
  private let captions: [String]
  private let paths: [Path]
  private let width, height: Double

  /// A plot of one path, or of two of which the second is dashed.
  ///
  /// - Parameters:
  ///   - title: The line above the plot.
  ///   - captions: Notes below the title.
  ///   - xTitle: What lies to the right.
  ///   - yTitle: What lies upwards.
  ///   - paths: The paths; the first runs through colours from early to late, others have one each.
  ///   - width: The width in points; up to 440, the text can be read on a phone.
  ///   - height: The height in points; flat paths take less.
  public init(
    title: String, captions: [String] = [], xTitle: String, yTitle: String, paths: [Path],
    width: Double = 440, height: Double = 520
  ) {
    self.title = title
    self.captions = captions
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.paths = paths
    self.width = width
    self.height = height
  }

  /// The plot as a drawing.
  public var drawing: Drawing {
    var sheet = Sheet(title: title, summary: summary, width: width, height: height)
    for caption in captions { sheet.addNote(caption) }
    let named = paths.enumerated().filter { !$0.element.name.isEmpty }
    sheet.addLegend(
      named.map {
        ($0.element.name, $0.offset == 0 ? .course : .line(Self.ink(of: $0.offset), isDashed: true))
      })
    sheet.addNote(scale)
    sheet.addAxisTitle(yTitle)
    let field = self.field(on: &sheet)
    let points = paths.map { path in path.points.map { field.point($0.x, $0.y) } }
    let obstacles = points.flatMap(Self.obstacles)
    let values = field.addGround(avoiding: obstacles, on: &sheet)
    for index in paths.indices.reversed() { draw(index, points[index], on: &sheet.drawing) }
    addNumbers(points.first ?? [], field.area, obstacles, values, on: &sheet.drawing)
    sheet.addTitleBelow(xTitle, field.area, distance: 16)
    return sheet.drawing
  }

  /// The ink of a later path: none of the colours between early and late.
  private static func ink(of path: Int) -> Ink { .series(path + 1) }

  /// The plane on which all paths are drawn.
  private var plane: SettlingPlane {
    let points = paths.map { path in path.points.map { Drawing.Point($0.x, $0.y) } }
    return SettlingPlane(of: points.first ?? [], with: points.dropFirst().flatMap(\.self))
  }

  /// A sentence about distances.
  private var scale: String {
    let plane = self.plane
    let center = "the mean of the last quarter" + (paths.count > 1 ? " of the first path" : "")
    return "Distance from \(center): "
      + (plane.isLinear
        ? "linear."
        : "linear up to \(TickText.value(plane.core)) (the disc), logarithmic beyond.")
  }

  /// Lays the plane out over what is left of the sheet, which ends below it.
  private func field(on sheet: inout Sheet) -> SettlingField {
    let (top, below) = (sheet.top + 8, 20 + Sheet.margin)
    let field = SettlingField(
      plane, showing: paths.flatMap { path in path.points.map { .init($0.x, $0.y) } },
      in: .init(
        x: Sheet.margin, y: top, width: sheet.width,
        height: max(160, sheet.drawing.height - top - below)))
    sheet.drawing.height = field.area.bottom + below
    return field
  }

  /// Draws a path, its first point as a ring and its last as a disc.
  private func draw(_ index: Int, _ points: [Drawing.Point?], on drawing: inout Drawing) {
    let path = paths[index]
    func ink(_ place: Int) -> Ink {
      index > 0
        ? Self.ink(of: index) : .course(Double(place) / Double(max(1, path.points.count - 1)))
    }
    if index > 0 {
      for piece in points.split(separator: nil) where piece.count > 1 {
        drawing.add(
          .line(piece.compactMap(\.self), width: 1.5, isDashed: true), ink(0))
      }
    } else {
      for place in points.indices.dropFirst() {
        guard let start = points[place - 1], let end = points[place] else { continue }
        drawing.add(.line([start, end], width: LineStyle.width), ink(place))
      }
    }
    let isSparse = points.count <= 80
    let ends = [points.firstIndex { $0 != nil }, points.lastIndex { $0 != nil }]
    for (place, point) in points.enumerated() {
      guard let point else { continue }
      let isEnd = ends.contains(place)
      guard isSparse || isEnd else { continue }
      let text =
        "\(path.name.isEmpty ? "" : path.name + ", ")recurrence \(path.points[place].recurrence)"
      drawing.add(
        .circle(point, radius: isEnd ? 5 : index == 0 ? 2.5 : 2), ink(place), tooltip: text)
      if place == ends[0], ends[0] != ends[1] {
        drawing.add(.circle(point, radius: 3), .background)
      }
    }
  }

  /// The points of a path, and some of the lines between them.
  private static func obstacles(_ points: [Drawing.Point?]) -> [Drawing.Point] {
    let points = points.compactMap(\.self)
    return points
      + zip(points, points.dropFirst()).flatMap { start, end in
        (1..<32).map { step in
          let part = Double(step) / 32
          return .init(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)
        }
      }
  }

  /// Writes the first path's recurrences at its ends and at powers of two, where there is room.
  private func addNumbers(
    _ points: [Drawing.Point?], _ area: Drawing.Rectangle, _ obstacles: [Drawing.Point],
    _ values: [Drawing.Rectangle], on drawing: inout Drawing
  ) {
    let visits = zip(paths.first?.points ?? [], points).compactMap { step, point in
      point.map { (step.recurrence, $0) }
    }
    guard let first = visits.first else { return }
    let between = visits.dropFirst().dropLast().filter { $0.0 > 0 && $0.0 & ($0.0 - 1) == 0 }
    let ends = [first] + visits.dropFirst().suffix(1)
    var taken = values
    for (place, (recurrence, point)) in (ends + between).enumerated() {
      let text = String(recurrence)
      let (room, y) = (text.room(size: 11), point.y)
      let spots = [
        (point.x + 8, y - 4), (point.x - 8 - room, y - 4), (point.x + 8, y + 13),
        (point.x - 8 - room, y + 13), (point.x - room / 2, y - 9), (point.x - room / 2, y + 18),
      ].map { Drawing.Rectangle(x: $0.0, y: $0.1 - 9, width: room, height: 10) }
      let free = spots.filter { spot in
        !taken.contains { $0.overlaps(spot.padded(3)) } && spot.x >= area.x
          && spot.right <= area.right && spot.y >= area.y && spot.bottom <= area.bottom
      }.map { spot in (spot, obstacles.count { spot.contains($0) }) }
      // A number on the path is worth it at its ends only.
      guard let (spot, count) = free.min(by: { $0.1 < $1.1 }), count == 0 || place < ends.count
      else { continue }
      taken.append(spot)
      drawing.add(.text(.init(text, at: .init(spot.x, spot.y + 9), size: 11)), .text)
    }
  }

  private var summary: String {
    let lines = paths.map { path in
      let ends = [path.points.first, path.points.last].compactMap(\.self).map {
        "(\(TickText.value($0.x)), \(TickText.value($0.y)))"
      }
      return (path.name.isEmpty ? "A path" : path.name) + ": "
        + Numbers.count(path.points.count, "point")
        + (ends.count == 2 ? " from \(ends[0]) to \(ends[1])." : ".")
    }
    return (["Paths through the plane of \(xTitle) and \(yTitle).", scale] + lines)
      .joined(separator: " ")
  }
}
