/// Values of rows by columns as colours, with a key.
public struct HeatMap: Sendable {
  private let title: String
  private let rows, columns: (title: String, names: [String])
  private let values: [[Double?]]
  private let value: Axis
  private let width: Double

  /// A map of values.
  ///
  /// - Parameters:
  ///   - title: The line above the map.
  ///   - rows: What the rows have in common, and their names from the top.
  ///   - columns: What the columns have in common, and their names from the left.
  ///   - values: A row of values for each row; one that is missing, nil, not finite, or on a
  ///     logarithmic scale not positive, is an empty cell.
  ///   - value: What the values are.
  ///   - width: The width in points; up to 440, the text can be read on a phone. The height is
  ///     what the rows take.
  public init(
    title: String, rows: (title: String, names: [String]),
    columns: (title: String, names: [String]), values: [[Double?]], value: Axis,
    width: Double = 440
  ) {
    self.title = title
    self.rows = rows
    self.columns = columns
    self.values = values
    self.value = value
    self.width = width
  }

  /// The map as a drawing.
  public var drawing: Drawing {
    let shown = rows.names.indices.flatMap { row in
      columns.names.indices.compactMap { self.value(row, $0) }
    }
    let ruler = Ruler(value, shown, tickLimit: 5, isRounded: false)
    var sheet = Sheet(title: title, summary: summary(shown), width: width, height: 120)
    sheet.addNote(rows.title, limit: 2)
    let area = self.area(on: sheet)
    let cellHeight = area.height / Double(max(1, rows.names.count))
    let cellWidth = area.width / Double(max(1, columns.names.count))
    draw(shown, ruler, area, on: &sheet)
    let rowStride = max(1, Int((13 / cellHeight).rounded(.up)))
    for row in stride(from: 0, to: rows.names.count, by: rowStride) {
      let name = rows.names[row].cut(to: 0.34 * sheet.width, size: Sheet.size)
      let y = area.y + (Double(row) + 0.5) * cellHeight + 4
      sheet.write(name, at: .init(area.x - 6, y), anchor: .end, .muted)
    }
    addColumnNames(cellWidth, area, on: &sheet)
    sheet.addTitleBelow(columns.title, area)
    let key = Drawing.Rectangle(
      x: area.x, y: area.bottom + (columns.title.isEmpty ? 46 : 64), width: area.width, height: 10)
    addKey(ruler, key, on: &sheet)
    sheet.drawing.height = key.bottom + 20 + Sheet.margin
    return sheet.drawing
  }

  /// The value of a cell that has a colour.
  private func value(_ row: Int, _ column: Int) -> Double? {
    guard row < values.count, column < values[row].count, let value = values[row][column],
      value.isFinite, self.value.scale == .linear || value > 0
    else { return nil }
    return value
  }

  /// Where the cells lie.
  private func area(on sheet: Sheet) -> Drawing.Rectangle {
    let names = rows.names.map { $0.cut(to: 0.34 * sheet.width, size: Sheet.size) }
    let left = Sheet.margin + (names.map { $0.room(size: Sheet.size) }.max() ?? 0) + 6
    let room = max(40, sheet.drawing.width - left - Sheet.margin)
    let down = Double(max(1, rows.names.count))
    return Drawing.Rectangle(
      x: left.rounded(.up), y: sheet.top.rounded(.up) + 6,
      width: room.rounded(.down), height: (min(26, max(1, 480 / down)) * down).rounded())
  }

  /// Draws the cells, with their values where all fit.
  private func draw(
    _ shown: [Double], _ ruler: Ruler, _ area: Drawing.Rectangle, on sheet: inout Sheet
  ) {
    let cellHeight = area.height / Double(max(1, rows.names.count))
    let cellWidth = area.width / Double(max(1, columns.names.count))
    // Small cells overlap a little, so that no seams show between them.
    let gap = min(cellWidth, cellHeight) >= 8 ? 1.0 : -0.3
    // Edges at half points are sharp at a scale of two.
    func edge(_ index: Int, _ side: Double) -> Double {
      side < 2 ? Double(index) * side : (Double(index) * side * 2).rounded() / 2
    }
    let longest = shown.map { TickText.value($0).room(size: 11) }.max() ?? 0
    let hasTexts = longest + 4 <= cellWidth && cellHeight >= 15
    for row in rows.names.indices {
      for column in columns.names.indices {
        let (x, right) = (edge(column, cellWidth), edge(column + 1, cellWidth))
        let (y, bottom) = (edge(row, cellHeight), edge(row + 1, cellHeight))
        let cell = Drawing.Rectangle(
          x: area.x + x, y: area.y + y, width: right - x - gap, height: bottom - y - gap)
        let place = "\(rows.names[row]), \(columns.names[column]): "
        guard let value = value(row, column), let part = ruler.position(value) else {
          let inset = Drawing.Rectangle(
            x: cell.x + 0.5, y: cell.y + 0.5, width: cell.width - 1, height: cell.height - 1)
          sheet.drawing.add(.outline(inset, width: 1), .grid, tooltip: place + "no value")
          continue
        }
        sheet.drawing.add(
          .rectangle(cell), .scale(part), tooltip: place + TickText.value(value))
        guard hasTexts else { continue }
        let middle = Drawing.Point(cell.x + cell.width / 2, cell.y + cell.height / 2 + 4)
        sheet.drawing.add(
          .text(.init(TickText.value(value), at: middle, anchor: .middle, size: 11)),
          .onScale(part))
      }
    }
  }

  /// Writes as many of the columns' names as fit, in even distances.
  private func addColumnNames(
    _ cellWidth: Double, _ area: Drawing.Rectangle, on sheet: inout Sheet
  ) {
    let longest = columns.names.map { $0.room(size: Sheet.size) }.max() ?? 0
    let room = min(longest, area.width / 4)
    for column in Thinning.indices(of: columns.names, slot: cellWidth, room: room) {
      let text = columns.names[column].cut(to: max(room, cellWidth - 4), size: Sheet.size)
      let x = area.x + (Double(column) + 0.5) * cellWidth
      sheet.write(text, at: .init(x, area.bottom + 17), anchor: .middle, .muted)
    }
  }

  /// The colours of the scale with their values, below the title.
  private func addKey(_ ruler: Ruler, _ area: Drawing.Rectangle, on sheet: inout Sheet) {
    let title = value.title.cut(to: sheet.drawing.width - area.x - Sheet.margin, size: Sheet.size)
    sheet.write(title, at: .init(area.x, area.y - 6), .text)
    let steps = 64
    for step in 0..<steps {
      let start = Double(step) / Double(steps) * area.width
      // Each lies over the rest of those before, so that no seam shows between them.
      let piece = Drawing.Rectangle(
        x: area.x + start, y: area.y, width: area.width - start, height: area.height)
      sheet.drawing.add(.rectangle(piece), .scale((Double(step) + 0.5) / Double(steps)))
    }
    for (tick, label) in zip(ruler.ticks, ruler.labels) {
      guard let part = ruler.position(tick) else { continue }
      let x = area.x + part * area.width
      sheet.drawing.add(
        .line([.init(x, area.bottom), .init(x, area.bottom + 3)], width: 1), .muted)
      sheet.write(label, at: .init(x, area.bottom + 16), anchor: .middle, .muted)
    }
  }

  private func summary(_ shown: [Double]) -> String {
    let size =
      "\(Numbers.count(rows.names.count, "row")) by \(Numbers.count(columns.names.count, "column"))"
    guard let least = shown.min(), let most = shown.max() else {
      return "A map of \(value.title): \(size), without values."
    }
    return "A map of \(value.title): \(size), from \(TickText.value(least))"
      + " to \(TickText.value(most))."
  }
}
