import Testing

@testable import Presentation

extension Drawing {
  /// The filled rectangles of an ink.
  func rectangles(_ ink: Ink) -> [Rectangle] {
    elements.compactMap { element in
      guard case .rectangle(let area) = element.shape, element.ink == ink else { return nil }
      return area
    }
  }
}

struct BarChartTests {
  private func chart(
    _ categories: [String], _ series: [[Double?]], _ scale: Axis.Scale = .linear
  ) -> Drawing {
    BarChart(
      title: "t", categories: categories, value: Axis("v", scale: scale),
      series: series.map { .init("", $0) }
    ).drawing
  }

  private func isNear(_ one: Double, _ two: Double) -> Bool { (one - two).magnitude < 1e-9 }

  @Test func `vertical bars are as high as their values, from a common base`() {
    let bars = chart(["a", "b", "c"], [[1, 2, 4]]).rectangles(.series(0))
    #expect(bars.count == 3)
    #expect(isNear(bars[1].height, 2 * bars[0].height))
    #expect(isNear(bars[2].height, 4 * bars[0].height))
    #expect(bars.allSatisfy { isNear($0.bottom, bars[0].bottom) && $0.width == bars[0].width })
  }

  @Test func `negative bars hang from zero`() {
    let bars = chart(["a", "b"], [[-1, 2]]).rectangles(.series(0))
    #expect(isNear(bars[0].y, bars[1].bottom))
    #expect(isNear(bars[1].height, 2 * bars[0].height))
  }

  @Test func `bars of a category are side by side`() {
    // The legend's squares come first.
    let drawing = chart(["a", "b"], [[1, 2], [3, nil]])
    let (one, two) = (drawing.rectangles(.series(0)), drawing.rectangles(.series(1)))
    #expect(one.count == 3 && two.count == 2)
    #expect(one[1].right <= two[1].x && two[1].right < one[2].x)
    #expect(isNear(one[1].width, two[1].width))
  }

  @Test func `bars with long names lie, as long as their values`() {
    let names = ["the whole of the model", "all but the core", "embedding and adapter"]
    let drawing = chart(names, [[1, 2, 4]])
    let bars = drawing.rectangles(.series(0))
    #expect(isNear(bars[1].width, 2 * bars[0].width) && isNear(bars[2].width, 4 * bars[0].width))
    #expect(bars.allSatisfy { $0.x == bars[0].x && $0.height == bars[0].height })
    #expect(bars[0].bottom < bars[1].y && bars[1].bottom < bars[2].y)
    for (name, bar) in zip(names, bars) {
      let text = drawing.texts.first { $0.string == name }
      #expect(text?.anchor == .end)
      #expect(
        text.map { $0.place.x < bar.x && $0.place.y > bar.y && $0.place.y < bar.bottom } == true)
    }
  }

  @Test func `on a logarithmic axis equal ratios are equal lengths, and zero has no place`() {
    let bars = chart(["a", "b", "c", "d"], [[0.01, 0.1, 1, 0]], .log10).rectangles(.series(0))
    #expect(bars.count == 4)
    #expect(isNear(bars[2].height - bars[1].height, bars[1].height - bars[0].height))
    #expect(bars[0].height > 1 && bars[3].height == 0)
  }

  @Test func `of many counted categories the round ones are named`() {
    let names = (1...64).map(String.init)
    let drawing = chart(names, [names.map { _ in 1 }])
    let written = drawing.texts.filter { $0.anchor == .middle }.compactMap { Int($0.string) }
    #expect(written == stride(from: 5, through: 60, by: 5).map(\.self))
    #expect(drawing.rectangles(.series(0)).count == 64)
  }

  @Test(arguments: 1...30)
  func `no name is left out, but of counts and of very many`(count: Int) {
    for length in [3, 9, 14] {
      let names = (0..<count).map { String(repeating: "n", count: length - 2) + String($0 + 10) }
      let drawing = chart(names, [names.map { _ in 12_345 }])
      #expect(names.allSatisfy { name in drawing.texts.contains { $0.string == name } })
    }
  }

  @Test func `values are written where they have room, and shown to a pointer`() {
    let few = chart(["a", "b"], [[0.25, 1]])
    #expect(few.texts.contains { $0.string == "0.25" })
    #expect(few.elements.compactMap(\.tooltip) == ["a: 0.25", "b: 1"])
    let many = chart((1...64).map(String.init), [(1...64).map { Double($0) / 7 }])
    #expect(!many.texts.contains { $0.string == "0.143" })
    #expect(few.summary == "Bars of v for 2 values. a 0.25, b 1.")
  }

  /// The area in which a reader's typeface, wider than the drawing's, may set a line.
  private func room(_ text: Drawing.Text) -> Drawing.Rectangle {
    let width = text.string.room(size: text.size)
    let left =
      switch text.anchor {
      case .start: text.place.x
      case .middle: text.place.x - width / 2
      case .end: text.place.x - width
      }
    return .init(x: left, y: text.place.y - text.size, width: width, height: 1.2 * text.size)
  }

  @Test(arguments: 1...14, [1.0, 17, 123, 1234, 98_765])
  func `no value is written over another, or over a neighbour's bar`(count: Int, value: Double) {
    // Neighbours are nearly as high as each other.
    for width in [330.0, 440, 660] {
      let drawing = BarChart(
        title: "t", categories: (1...count).map(String.init), value: Axis("v"),
        series: [
          .init("one", (0..<count).map { value + Double($0 % 3) }),
          .init("two", (0..<count).map { value + Double(($0 + 1) % 3) }),
        ], width: width
      ).drawing
      let texts = drawing.texts.map { ($0.string, room($0)) }
      for (index, (text, area)) in texts.enumerated() {
        for (other, place) in texts[..<index] {
          #expect(!area.overlaps(place), "\(text) over \(other), \(width) wide")
        }
        let bars = drawing.rectangles(.series(0)) + drawing.rectangles(.series(1))
        #expect(!bars.contains { $0.overlaps(area) }, "\(text) over a bar, \(width) wide")
      }
    }
  }

  @Test func `bars of few categories grow as wide as their values`() {
    let drawing = BarChart(
      title: "t", categories: ["1", "2", "3", "4"], value: Axis("v"),
      series: [.init("a", [1234, 1235, 1, 2]), .init("b", [1235, 1234, 1, 2])]
    ).drawing
    #expect(drawing.texts.count { ["1,234", "1,235"].contains($0.string) } == 4)
  }
}
