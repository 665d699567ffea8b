import Testing

@testable import Presentation

extension Drawing {
  /// The lines of data, without those of grid and axes.
  func lines(_ isInk: (Ink) -> Bool) -> [[Point]] {
    elements.compactMap { element in
      guard case .line(let points, _, _) = element.shape, isInk(element.ink) else { return nil }
      return points
    }
  }

  /// The circles of an ink.
  func circles(_ isInk: (Ink) -> Bool) -> [(center: Point, radius: Double)] {
    elements.compactMap { element in
      guard case .circle(let center, let radius) = element.shape, isInk(element.ink) else {
        return nil
      }
      return (center, radius)
    }
  }

  /// The lines of text.
  var texts: [Text] {
    elements.compactMap { element in
      guard case .text(let text) = element.shape else { return nil }
      return text
    }
  }
}

struct LineChartTests {
  private func chart(
    _ points: [(x: Double, y: Double?)], x: Axis.Scale = .linear, y: Axis.Scale = .linear
  ) -> Drawing {
    LineChart(
      title: "t", x: Axis("across", scale: x), y: Axis("up", scale: y),
      series: [.init("", points)]
    ).drawing
  }

  private func isData(_ ink: Ink) -> Bool { ink == .series(0) }

  /// The level of the grid line that has a label.
  private func level(_ label: String, _ drawing: Drawing) throws -> Double {
    try #require(drawing.texts.first { $0.string == label && $0.anchor == .end }).place.y - 4
  }

  /// Where the tick that has a label stands.
  private func place(_ label: String, _ drawing: Drawing) throws -> Double {
    try #require(drawing.texts.first { $0.string == label && $0.anchor == .middle }).place.x
  }

  @Test func `points lie at the values of the axes`() throws {
    let drawing = chart([(0, 10), (4, 0), (10, 20)])
    let line = try #require(drawing.lines(isData).first)
    #expect(try line.map(\.x) == ["0", "4", "10"].map { try place($0, drawing) })
    #expect(try line.map(\.y) == ["10", "0", "20"].map { try level($0, drawing) })
    #expect(drawing.circles(isData).map(\.center) == line)
  }

  @Test func `ratios are lengths on logarithmic axes`() throws {
    let drawing = chart([(1, 1000), (2, 100), (8, 1)], x: .log2, y: .log10)
    let line = try #require(drawing.lines(isData).first)
    #expect((line[2].x - line[1].x - 2 * (line[1].x - line[0].x)).magnitude < 1e-9)
    #expect((line[2].y - line[1].y - 2 * (line[1].y - line[0].y)).magnitude < 1e-9)
    #expect(try line[1].x == place("2", drawing))
    #expect(try (line[1].y - level("100", drawing)).magnitude < 1e-9)
  }

  @Test func `a line breaks where it has no value, and a lone point is marked`() {
    let many = (0..<200).map { (x: Double($0), y: [50, 60, 62].contains($0) ? nil : 1.0) }
    let drawing = chart(many)
    #expect(drawing.lines(isData).map(\.count) == [50, 9, 137])
    #expect(drawing.circles(isData).count == 1)
    let gaps = chart([(1, 1), (2, .nan), (3, 3), (4, .infinity), (5, 1), (6, 2)])
    #expect(gaps.lines(isData).map(\.count) == [2])
    #expect(gaps.circles(isData).count == 4)
  }

  @Test func `zero lies as a ring on the lower edge of a logarithmic axis`() throws {
    let drawing = chart([(1, 0.1), (2, 0), (3, 0.001), (4, -5)], y: .log10)
    let rings = drawing.circles { $0 == .background }.map(\.center)
    #expect(rings.count == 2)
    let axis = try #require(drawing.lines { $0 == .muted }.first { $0[0].y == $0[1].y })
    #expect(rings.allSatisfy { $0.y == axis[0].y })
    #expect(try rings.map(\.x) == ["2", "4"].map { try place($0, drawing) })
    #expect(drawing.lines(isData).isEmpty)
  }

  @Test func `short names are at the ends of their lines, long ones above`() throws {
    func chart(_ names: [String]) -> Drawing {
      LineChart(
        title: "t", x: Axis("x"), y: Axis("y"),
        series: names.map { .init($0, [(0, 1), (1, 2)]) }
      ).drawing
    }
    let short = chart(["one", "two"])
    let end = try #require(short.lines { $0 == .series(0) }.first?.last)
    let labels = short.texts.filter { ["one", "two"].contains($0.string) }
    #expect(labels.count == 2 && labels.allSatisfy { $0.place.x > end.x })
    #expect((labels[0].place.y - labels[1].place.y).magnitude >= 16)
    let long = chart(["a name that is rather long for a place at the end", "two"])
    let top = try #require(long.lines { $0 == .series(0) }.last?.map(\.y).min())
    #expect(long.texts.filter { $0.string == "two" }.allSatisfy { $0.place.y < top })
  }

  @Test func `a pointer learns the values, and one who does not see them the ends`() {
    let drawing = LineChart(
      title: "t", x: Axis("r"), y: Axis("KL"),
      series: [.init("int8", [(1, 0.5), (2, nil), (4, 0.125)]), .init("none", [])]
    ).drawing
    #expect(drawing.elements.compactMap(\.tooltip) == ["int8: 0.5 at 1", "int8: 0.125 at 4"])
    #expect(
      drawing.summary
        == "Lines of KL over r. int8: 2 points, from 0.5 at 1 to 0.125 at 4. none: no points.")
  }

  @Test(arguments: [
    ([1.0, 2, 30], [5.0, 15, 30]), ([5, 5, 5], [5, 15, 25]), ([48, 49, 50], [30, 40, 50]),
    ([-9, 99], [5, 50]), ([], []),
  ])
  func `labels are moved apart as little as need be`(places: [Double], moved: [Double]) {
    #expect(spread(places, apart: 10, from: 5, through: 50) == moved)
  }
}
