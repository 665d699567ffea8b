import Tensors

/// Lines of values over another value, one line for each series.
public struct LineChart: Sendable {
  /// A named line.
  public struct Series: Sendable {
    /// What the line is called.
    public var name: String
    /// Its points from left to right; a `y` that is nil or not finite is a gap.
    public var points: [(x: Double, y: Double?)]

    /// A line through points from left to right.
    public init(_ name: String, _ points: [(x: Double, y: Double?)]) {
      self.name = name
      self.points = points
    }
  }

  private let title: String
  private let x, y: Axis
  private let series: [Series]
  private let width, height: Double

  /// A chart of some lines.
  ///
  /// - Parameters:
  ///   - title: The line above the chart.
  ///   - x: What lies to the right.
  ///   - y: What lies upwards; on a logarithmic axis, points at zero and below lie as rings on the
  ///     lower edge.
  ///   - series: The lines, in the order of the legend.
  ///   - width: The width in points; up to 440, the text can be read on a phone.
  ///   - height: The height in points.
  public init(
    title: String, x: Axis, y: Axis, series: [Series], width: Double = 440, height: Double = 300
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.width = width
    self.height = height
  }

  /// The chart as a drawing.
  public var drawing: Drawing {
    var sheet = Sheet(title: title, summary: summary, width: width, height: height)
    let named = series.filter { !$0.name.isEmpty }
    let labelRoom = (named.map { $0.name.room(size: Sheet.size) }.max() ?? 0) + 34
    // Names stand at the ends of their lines where there is room for them.
    let isDirect =
      labelRoom <= 0.34 * sheet.drawing.width && !series.indices.contains(where: Self.isDashed)
      && Double(named.count) * Sheet.leading <= sheet.drawing.height - 100
    if !isDirect {
      sheet.addLegend(
        series.enumerated().filter { !$0.element.name.isEmpty }.map {
          ($0.element.name, .line(.series($0.offset), isDashed: Self.isDashed($0.offset)))
        })
    }
    let points = series.flatMap(\.points)
    let plot = sheet.addPlot(
      x: (x, points.map(\.x)), y: (y, points.compactMap(\.y)),
      right: isDirect && !named.isEmpty ? labelRoom : 0)
    for index in series.indices { draw(index, plot, on: &sheet.drawing) }
    if isDirect { addLabels(plot, on: &sheet) }
    return sheet.drawing
  }

  private static func isDashed(_ index: Int) -> Bool { index >= Palette.light.series.count }

  /// Draws a line with its points.
  private func draw(_ index: Int, _ plot: Plot, on drawing: inout Drawing) {
    var lines: [[Drawing.Point]] = [[]]
    var marks: [(point: Drawing.Point, isRing: Bool, text: String)] = []
    let name = series[index].name.isEmpty ? "" : series[index].name + ": "
    for (x, y) in series[index].points {
      guard let y, y.isFinite else {
        lines.append([])
        continue
      }
      let text = name + "\(TickText.value(y)) at \(TickText.value(x))"
      if let point = plot.point(x, y) {
        lines[lines.count - 1].append(point)
        marks.append((point, false, text))
      } else {
        lines.append([])
        // On a logarithmic axis, zero is below every value.
        if self.y.scale != .linear, y <= 0, let floor = plot.point(x, plot.y.lower) {
          marks.append((floor, true, text))
        }
      }
    }
    let ink = Ink.series(index)
    for line in lines where line.count > 1 {
      drawing.add(
        .line(line, width: LineStyle.width, isDashed: Self.isDashed(index)), ink)
    }
    // Many points would hide the line; those of no line are always seen.
    let isSparse = Double(marks.count) * 8 <= plot.area.width
    let alone = Set(lines.filter { $0.count == 1 }.joined())
    for mark in marks where isSparse || mark.isRing || alone.contains(mark.point) {
      drawing.add(
        .circle(mark.point, radius: LineStyle.radius + (mark.isRing ? 1 : 0)), ink,
        tooltip: mark.text)
      if mark.isRing { drawing.add(.circle(mark.point, radius: 2.2), .background) }
    }
  }

  /// Writes the names to the right of their lines' ends.
  private func addLabels(_ plot: Plot, on sheet: inout Sheet) {
    let area = plot.area
    let ends = series.indices.filter { !series[$0].name.isEmpty }.map { index in
      let last = series[index].points.reversed().lazy.compactMap { point in
        point.y.flatMap { plot.point(point.x, $0) }
      }.first
      return (index: index, end: last)
    }.sorted { ($0.end?.y ?? area.bottom) < ($1.end?.y ?? area.bottom) }
    let places = spread(
      ends.map { $0.end?.y ?? area.bottom }, apart: Sheet.leading, from: area.y,
      through: area.bottom)
    let x = area.right + 12
    for ((index, end), y) in zip(ends, places) {
      if let end, (end.y - y).magnitude > 2, end.x > area.right - 2 {
        sheet.drawing.add(
          .line([end, .init(x, y)], width: 0.75), .series(index), opacity: 0.55)
      }
      sheet.drawing.add(.circle(.init(x + 2, y), radius: 3.5), .series(index))
      sheet.write(series[index].name.printable, at: .init(x + 10, y + 4), .text)
    }
  }

  private var summary: String {
    let lines = series.map { line in
      let ends = line.points.compactMap { point in point.y.map { (point.x, $0) } }
      guard let first = ends.first, let last = ends.last else { return "\(line.name): no points." }
      return "\(line.name): \(Numbers.count(ends.count, "point")), from "
        + "\(TickText.value(first.1)) at \(TickText.value(first.0)) to "
        + "\(TickText.value(last.1)) at \(TickText.value(last.0))."
    }
    return (["Lines of \(y.title) over \(x.title)."] + lines).joined(separator: " ")
  }
}

/// Places in rising order moved as little as need be until they are `apart`, within bounds as far
/// as these hold them.
func spread(
  _ places: [Double], apart: Double, from lower: Double, through upper: Double
) -> [Double] {
  var places = places
  for index in places.indices {
    places[index] = max(places[index], index > 0 ? places[index - 1] + apart : lower)
  }
  for index in places.indices.reversed() {
    let limit = index + 1 < places.count ? places[index + 1] - apart : upper
    places[index] = min(places[index], limit)
  }
  return places
}
