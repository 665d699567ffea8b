/// Paths of a state through a plane, recurrence by recurrence, with the same scale on both axes.
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
  ///   - height: The height in points.
  public init(
    title: String, captions: [String] = [], xTitle: String, yTitle: String, paths: [Path],
    width: Double = 440, height: Double = 440
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
    let plot = self.plot(on: &sheet)
    for index in paths.indices.reversed() { draw(index, plot, on: &sheet.drawing) }
    addNumbers(plot, on: &sheet)
    return sheet.drawing
  }

  /// The ink of a later path: none of the colours between early and late.
  private static func ink(of path: Int) -> Ink { .series(path + 1) }

  /// The axes, on which the same length is the same difference.
  private func plot(on sheet: inout Sheet) -> Plot {
    let points = paths.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    let (xs, ys) = (Self.span(points.map(\.x)), Self.span(points.map(\.y)))
    sheet.addAxisTitle(yTitle)
    let most = sheet.plotHeight(xTitle: xTitle)
    // The labels of the ticks decide the width, and the width, by a little, the ticks.
    let wide = Drawing.Rectangle(
      x: 0, y: 0, width: max(40, sheet.drawing.width - 70), height: most)
    var area = sheet.plotArea(Self.plot(xs, ys, wide).y, height: most)
    // Flat paths need less height.
    let need = area.width * (ys.upper - ys.lower) / (xs.upper - xs.lower)
    area.height = min(most, max(need, 0.45 * area.width))
    sheet.drawing.height -= most - area.height
    let plot = Self.plot(xs, ys, area)
    for part in plot.x.ticks.compactMap(plot.x.position) {
      let x = area.x + part * area.width
      sheet.drawing.add(.line([.init(x, area.y), .init(x, area.bottom)], width: 1), .grid)
    }
    sheet.addAxes(plot, xTitle: xTitle)
    return plot
  }

  /// Axes that show a little more than the spans, with ticks of one step, in an area.
  private static func plot(
    _ xs: (lower: Double, upper: Double), _ ys: (lower: Double, upper: Double),
    _ area: Drawing.Rectangle
  ) -> Plot {
    let unit = max((xs.upper - xs.lower) / area.width, (ys.upper - ys.lower) / area.height)
    func axis(_ span: (lower: Double, upper: Double), _ length: Double) -> Axis {
      let (middle, half) = (span.lower / 2 + span.upper / 2, 0.56 * unit * length)
      return Axis("", including: middle - half...middle + half)
    }
    let x = Sheet.ruler(axis(xs, area.width), [], width: area.width)
    let step = x.ticks.count > 1 ? x.ticks[1] - x.ticks[0] : x.upper - x.lower
    let steps = (1.12 * unit * area.height / step).rounded(.up)
    let y = Ruler(
      axis(ys, area.height), [], tickLimit: Int(min(steps, 20)), isRounded: false)
    return Plot(area: area, x: x, y: y)
  }

  /// The least and the largest value, apart even of one value.
  private static func span(_ values: [Double]) -> (lower: Double, upper: Double) {
    let sane = values.filter { $0.magnitude < 1e150 }
    guard let least = sane.min(), let most = sane.max() else { return (-1, 1) }
    guard most - least <= max(least.magnitude, most.magnitude) * 1e-9 else { return (least, most) }
    let half = least == 0 ? 1 : least.magnitude * 1e-3
    return (least - half, most + half)
  }

  /// Draws a path, its first point as a ring and its last as a disc.
  private func draw(_ index: Int, _ plot: Plot, on drawing: inout Drawing) {
    let path = paths[index]
    let points = path.points.map { plot.point($0.x, $0.y) }
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

  /// Writes the first path's recurrences at its ends and at powers of two, where there is room.
  private func addNumbers(_ plot: Plot, on sheet: inout Sheet) {
    let visits = (paths.first?.points ?? []).compactMap { step in
      plot.point(step.x, step.y).map { (step.recurrence, $0) }
    }
    guard let first = visits.first else { return }
    let between = visits.dropFirst().dropLast().filter { $0.0 > 0 && $0.0 & ($0.0 - 1) == 0 }
    let obstacles = paths.flatMap { path in
      let points = path.points.compactMap { plot.point($0.x, $0.y) }
      return points
        + zip(points, points.dropFirst()).map { .init(($0.x + $1.x) / 2, ($0.y + $1.y) / 2) }
    }
    var taken: [Drawing.Rectangle] = []
    for (recurrence, point) in [first] + visits.dropFirst().suffix(1) + between {
      let text = String(recurrence)
      let (room, y) = (text.room(size: 11), point.y)
      let spots = [
        (point.x + 8, y - 4), (point.x - 8 - room, y - 4), (point.x + 8, y + 13),
        (point.x - 8 - room, y + 13), (point.x - room / 2, y - 9), (point.x - room / 2, y + 18),
      ].map { Drawing.Rectangle(x: $0.0, y: $0.1 - 9, width: room, height: 10) }
      let free = spots.filter { spot in
        !taken.contains { $0.overlaps(spot.padded(3)) } && spot.x >= plot.area.x
          && spot.right <= sheet.drawing.width - 2
      }.map { spot in (spot, obstacles.count { spot.contains($0) }) }
      // A number on the path is worth it at its ends only.
      guard let (spot, count) = free.min(by: { $0.1 < $1.1 }), count == 0 || taken.count < 2
      else { continue }
      taken.append(spot)
      let place = Drawing.Point(spot.x, spot.y + 9)
      sheet.drawing.add(.text(.init(text, at: place, size: 11)), .text)
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
    return (["Paths through the plane of \(xTitle) and \(yTitle)."] + lines).joined(separator: " ")
  }
}
