extension BarChart {
  /// Draws vertical bars, with the names of the categories below.
  func drawUpright(on sheet: inout Sheet) {
    sheet.addAxisTitle(value.title)
    // The highest bar's value stands above the plot, the lowest one's in it, below its bar.
    sheet.skip(8)
    let height = sheet.plotHeight(xTitle: categoryTitle)
    let least = values.min() ?? 0
    let ruler = ruler(
      values + (value.scale == .linear && least < 0 ? [least * 1.15] : []),
      tickLimit: Int(height / 38))
    let area = sheet.plotArea(ruler, height: height)
    sheet.addHorizontalGrid(ruler, area)

    let slot = area.width / Double(max(1, categories.count))
    let (thickness, share, hasTexts) = columns(slot: slot)
    let group = thickness * Double(series.count)
    for category in categories.indices {
      let start = area.x + (Double(category) + 0.5) * slot - group / 2
      for (index, value) in bars(of: category) {
        guard let (base, end) = reach(of: value, on: ruler) else { continue }
        let x = start + Double(index) * thickness
        let bar = Drawing.Rectangle(
          x: x + thickness * (1 - share) / 2, y: area.bottom - max(base, end) * area.height,
          width: thickness * share, height: (end - base).magnitude * area.height)
        sheet.drawing.add(
          .rectangle(bar), .series(index), tooltip: tooltip(index, category, value))
        guard hasTexts else { continue }
        let y = end >= base ? bar.y - 4 : bar.bottom + 12
        sheet.write(
          TickText.value(value), at: .init(x + thickness / 2, y), anchor: .middle, .text)
      }
    }
    let base = ruler.position(0) ?? 0
    let y = area.bottom - (value.scale == .linear ? base : 0) * area.height
    sheet.drawing.add(.line([.init(area.x, y), .init(area.right, y)], width: 1), .muted)
    addNames(slot: slot, area, on: &sheet)
    sheet.addTitleBelow(categoryTitle, area)
  }

  /// How wide the column of a bar is, which part of it the bar fills, and whether values are
  /// written.
  ///
  /// A value stays in the column of its bar, so that it meets no neighbour however high that is:
  /// columns grow for their values as far as the categories' slots allow, and where that is not
  /// enough no value is written.
  private func columns(slot: Double) -> (width: Double, share: Double, hasTexts: Bool) {
    let count = Double(max(1, series.count))
    // Very thin bars leave no gaps, which would flicker.
    guard slot >= 4 else { return (slot / count, 1, false) }
    let usual = min(slot * 0.78 / count, 44)
    let room = (values.map { TickText.value($0).room(size: Sheet.size) }.max() ?? 0) + 2
    guard room <= slot * 0.94 / count else { return (usual, 0.92, false) }
    return (max(usual, room), 0.92, true)
  }

  /// Writes as many of the categories' names as fit, in even distances.
  private func addNames(slot: Double, _ area: Drawing.Rectangle, on sheet: inout Sheet) {
    let longest = categories.map { $0.room(size: Sheet.size) }.max() ?? 0
    let room = min(longest, area.width / 4)
    for category in Thinning.indices(of: categories, slot: slot, room: room) {
      let text = categories[category].cut(to: max(room, slot - 6), size: Sheet.size)
      let half = text.room(size: Sheet.size) / 2
      let x = area.x + (Double(category) + 0.5) * slot
      guard x + half <= sheet.drawing.width || category == 0 else { continue }
      sheet.write(
        text, at: .init(max(x, Sheet.margin + half), area.bottom + 17), anchor: .middle, .muted)
    }
  }

  /// Draws bars that lie, the categories' names before them.
  func drawLying(on sheet: inout Sheet) {
    if !categoryTitle.isEmpty { sheet.addNote(categoryTitle, limit: 2) }
    let names = categories.map { $0.cut(to: 0.4 * sheet.width, size: Sheet.size) }
    let left = Sheet.margin + (names.map { $0.room(size: Sheet.size) }.max() ?? 0) + 8
    let texts = (values.map { TickText.value($0).room(size: Sheet.size) }.max() ?? 0) + 6
    let width = max(40, sheet.drawing.width - left - max(Sheet.margin + 4, texts))
    let ruler = Sheet.ruler(
      value, values + [foot], width: width, isRounded: true)
    let thickness = series.count > 1 ? 13.0 : 18
    let slot = thickness * Double(max(1, series.count)) + 10
    let area = Drawing.Rectangle(
      x: left, y: sheet.top + 6, width: width, height: slot * Double(categories.count))
    sheet.drawing.height = area.bottom + Sheet.footer(title: value.title)
    addVerticalGrid(ruler, area, on: &sheet)

    for category in categories.indices {
      let top = area.y + Double(category) * slot
      sheet.write(
        names[category], at: .init(left - 8, top + slot / 2 + 4), anchor: .end, .text)
      for (index, value) in bars(of: category) {
        guard let (base, end) = reach(of: value, on: ruler) else { continue }
        let y = top + 5 + Double(index) * thickness
        let bar = Drawing.Rectangle(
          x: area.x + min(base, end) * area.width, y: y + 0.5,
          width: (end - base).magnitude * area.width, height: thickness - 1)
        sheet.drawing.add(
          .rectangle(bar), .series(index), tooltip: tooltip(index, category, value))
        sheet.write(
          TickText.value(value),
          at: .init(max(bar.right, area.x) + 5, y + thickness / 2 + 4), .text)
      }
    }
    let zero = area.x + (value.scale == .linear ? ruler.position(0) ?? 0 : 0) * area.width
    sheet.drawing.add(.line([.init(zero, area.y), .init(zero, area.bottom)], width: 1), .muted)
    sheet.addTitleBelow(value.title, area)
  }

  /// Lines down the plot, labelled below.
  private func addVerticalGrid(
    _ ruler: Ruler, _ area: Drawing.Rectangle, on sheet: inout Sheet
  ) {
    for (tick, label) in zip(ruler.ticks, ruler.labels) {
      guard let part = ruler.position(tick) else { continue }
      let x = area.x + part * area.width
      sheet.drawing.add(.line([.init(x, area.y), .init(x, area.bottom)], width: 1), .grid)
      sheet.write(label, at: .init(x, area.bottom + 17), anchor: .middle, .muted)
    }
  }
}
