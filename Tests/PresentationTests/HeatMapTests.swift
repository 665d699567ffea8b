import Testing

@testable import Presentation

struct HeatMapTests {
  private func map(_ values: [[Double?]], _ scale: Axis.Scale = .linear) -> Drawing {
    HeatMap(
      title: "t", rows: ("rows", values.indices.map { "r\($0)" }),
      columns: ("columns", (values.first ?? []).indices.map { "c\($0)" }), values: values,
      value: Axis("v", scale: scale)
    ).drawing
  }

  /// The colours of the cells that a pointer tells the values of.
  private func inks(_ drawing: Drawing) -> [String: Ink] {
    Dictionary(
      uniqueKeysWithValues: drawing.elements.compactMap { element in
        element.tooltip.map { ($0, element.ink) }
      })
  }

  @Test func `the least value is at the start of the scale, the largest at its end`() {
    #expect(
      inks(map([[1, 2], [5, 3]])) == [
        "r0, c0: 1": .scale(0), "r0, c1: 2": .scale(0.25), "r1, c0: 5": .scale(1),
        "r1, c1: 3": .scale(0.5),
      ])
  }

  @Test func `a logarithmic scale is even in ratios`() {
    #expect(
      inks(map([[1, 4, 16, 0]], .log2)) == [
        "r0, c0: 1": .scale(0), "r0, c1: 4": .scale(0.5), "r0, c2: 16": .scale(1),
        "r0, c3: no value": .grid,
      ])
  }

  @Test func `cells without a value are outlines`() {
    let drawing = HeatMap(
      title: "t", rows: ("", ["a", "b"]), columns: ("", ["x", "y", "z"]),
      values: [[nil, .nan, 7]], value: Axis("v")
    ).drawing
    let outlines = drawing.elements.filter {
      if case .outline = $0.shape { $0.ink == .grid } else { false }
    }
    #expect(outlines.count == 5)
    #expect(inks(drawing)["a, z: 7"] == .scale(0.5))
  }

  @Test func `values are written in the cells that all hold them`() {
    let wide = map([[0.125, 1], [2, 3]])
    #expect(wide.elements.contains { $0.ink == .onScale(0) })
    #expect(wide.texts.contains { $0.string == "0.125" && $0.anchor == .middle })
    let narrow = map([(0..<60).map { Double($0) + 0.125 }])
    #expect(!narrow.elements.contains { if case .onScale = $0.ink { true } else { false } })
  }

  @Test func `cells tile the map in rows from the top`() throws {
    let drawing = map([[0, 1, 2], [3, 4, 5]])
    let cells = drawing.elements.filter { $0.tooltip != nil }.compactMap { element in
      if case .rectangle(let area) = element.shape { area } else { nil }
    }
    try #require(cells.count == 6)
    for row in [0, 3] {
      #expect(
        cells[row].right + 1 == cells[row + 1].x && cells[row + 1].right + 1 == cells[row + 2].x)
    }
    #expect(cells[0].bottom + 1 == cells[3].y)
  }

  @Test func `the key runs over the whole scale`() {
    let drawing = map([[10, 20]])
    let pieces = drawing.elements.filter { element in
      if case .scale = element.ink { element.tooltip == nil } else { false }
    }
    #expect(pieces.count == 64)
    #expect(pieces.first?.ink == .scale(0.5 / 64) && pieces.last?.ink == .scale(63.5 / 64))
    #expect(["10", "20"].allSatisfy { tick in drawing.texts.contains { $0.string == tick } })
    #expect(drawing.summary == "A map of v: 1 row by 2 columns, from 10 to 20.")
  }
}
