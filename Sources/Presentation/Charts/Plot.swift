/// The part of a sheet in which data are drawn, between two axes.
struct Plot {
  let area: Drawing.Rectangle
  let x, y: Ruler

  /// The position of a pair of values; nil if one of them has no position, or none on the axes.
  func point(_ x: Double, _ y: Double) -> Drawing.Point? {
    guard let across = self.x.position(x), let up = self.y.position(y),
      [across, up].allSatisfy({ $0 > -0.01 && $0 < 1.01 })
    else { return nil }
    return .init(area.x + across * area.width, area.bottom - up * area.height)
  }
}

extension Sheet {
  /// Space below the plot: tick labels and the axis' title.
  static func footer(title: String) -> Double { (title.isEmpty ? 18 : 36) + margin }

  /// Draws two axes over their values, with their titles and the lines of the grid, into what is
  /// left of the sheet, but for a width at the right.
  mutating func addPlot(
    x: (axis: Axis, values: [Double]), y: (axis: Axis, values: [Double]), right: Double = 0
  ) -> Plot {
    addAxisTitle(y.axis.title)
    let height = plotHeight(xTitle: x.axis.title)
    let yRuler = Ruler(y.axis, y.values, tickLimit: Int(height / 38))
    let area = plotArea(yRuler, height: height, right: right)
    let plot = Plot(
      area: area, x: Self.ruler(x.axis, x.values, width: area.width), y: yRuler)
    addAxes(plot, xTitle: x.axis.title)
    return plot
  }

  /// The height of a plot that fills the sheet, which grows where the plot would be too low.
  mutating func plotHeight(xTitle: String) -> Double {
    let others = top + 8 + Self.footer(title: xTitle)
    drawing.height = max(drawing.height, others + 90)
    return drawing.height - others
  }

  /// Where a plot lies, to the right of the labels of its axis that goes up.
  func plotArea(_ y: Ruler, height: Double, right: Double = 0) -> Drawing.Rectangle {
    let left = Self.margin + (y.labels.map { $0.room(size: Self.size) }.max() ?? 0) + 8
    let width = max(40, drawing.width - left - max(right, Self.margin + 4))
    return .init(x: left, y: top + 8, width: width, height: height)
  }

  /// Draws the lines of the grid and the labels of the ticks.
  mutating func addAxes(_ plot: Plot, xTitle: String) {
    let area = plot.area
    addHorizontalGrid(plot.y, area)
    for (tick, label) in zip(plot.x.ticks, plot.x.labels) {
      guard let part = plot.x.position(tick) else { continue }
      let x = area.x + part * area.width
      drawing.add(.line([.init(x, area.bottom), .init(x, area.bottom + 4)], width: 1), .muted)
      write(label, at: .init(x, area.bottom + 17), anchor: .middle, .muted)
    }
    drawing.add(
      .line([.init(area.x, area.bottom), .init(area.right, area.bottom)], width: 1), .muted)
    addTitleBelow(xTitle, area)
  }

  /// The title of an axis that goes up, in lines above the plot.
  mutating func addAxisTitle(_ title: String) {
    addNote(title, limit: 2)
  }

  /// The title of the axis below a plot, `distance` from it to the baseline: without more, below a
  /// line of tick labels.
  mutating func addTitleBelow(
    _ title: String, _ area: Drawing.Rectangle, distance: Double = 34
  ) {
    let text = title.cut(to: width, size: Self.size)
    let half = text.room(size: Self.size) / 2
    // In the middle of the plot as far as the sheet allows.
    let center = min(
      max((area.x + area.right) / 2, Self.margin + half), drawing.width - Self.margin - half)
    write(text, at: .init(center, area.bottom + distance), anchor: .middle, .muted)
  }

  /// Lines across the plot, labelled at the left.
  mutating func addHorizontalGrid(_ ruler: Ruler, _ area: Drawing.Rectangle) {
    for (tick, label) in zip(ruler.ticks, ruler.labels) {
      guard let part = ruler.position(tick) else { continue }
      let y = area.bottom - part * area.height
      drawing.add(.line([.init(area.x, y), .init(area.right, y)], width: 1), .grid)
      write(label, at: .init(area.x - 8, y + 4), anchor: .end, .muted)
    }
  }

  /// A ruler with as many ticks, up to eight, as have room for their labels.
  static func ruler(_ axis: Axis, _ values: [Double], width: Double, isRounded: Bool = false)
    -> Ruler
  {
    var limit = 8
    while true {
      let ruler = Ruler(axis, values, tickLimit: limit, isRounded: isRounded)
      let places = ruler.ticks.compactMap(ruler.position).map { $0 * width }
      let rooms = ruler.labels.map { $0.room(size: size) + 8 }
      let fits = places.indices.dropFirst().allSatisfy {
        places[$0] - places[$0 - 1] >= (rooms[$0] + rooms[$0 - 1]) / 2
      }
      if fits || limit <= 2 { return ruler }
      limit -= 1
    }
  }
}
