import Testing

@testable import Presentation

struct TrajectoryPlotTests {
  private func plot(
    _ paths: [(recurrence: Int, x: Double, y: Double)]..., captions: [String] = []
  ) -> Drawing {
    TrajectoryPlot(
      title: "t", captions: captions, xTitle: "x", yTitle: "y",
      paths: paths.map { .init("", $0) }
    ).drawing
  }

  private func isCourse(_ ink: Ink) -> Bool { if case .course = ink { true } else { false } }

  @Test(arguments: [(1.0, 1.0), (30, 1), (1, 30)])
  func `the same difference is the same length on both axes`(width: Double, height: Double) throws {
    let lines = plot([(0, 0, 0), (1, width, 0), (2, width, height)]).lines(isCourse)
    try #require(lines.count == 2)
    let across = (lines[0][1].x - lines[0][0].x) / width
    let up = (lines[1][0].y - lines[1][1].y) / height
    #expect((across / up - 1).magnitude < 1e-9)
    #expect(lines[0][0].y == lines[0][1].y && lines[1][0].x == lines[1][1].x)
  }

  @Test func `the colour runs from early to late, from a ring to a disc`() throws {
    let drawing = plot((0...4).map { ($0, Double($0 * $0), Double($0)) })
    let inks = drawing.elements.filter {
      if case .line = $0.shape { isCourse($0.ink) } else { false }
    }
    #expect(inks.map(\.ink) == [.course(0.25), .course(0.5), .course(0.75), .course(1)])
    let discs = drawing.circles(isCourse)
    #expect(discs.map { $0.radius == 5 } == [true, false, false, false, true])
    let ring = try #require(drawing.circles { $0 == .background }.first)
    #expect(ring.center == discs[0].center && ring.radius < 5)
  }

  @Test func `a second path is dashed and in another ink`() {
    let path = (0...4).map { (recurrence: $0, x: Double($0), y: 1 / Double($0 + 1)) }
    let drawing = plot(path, path.map { ($0.recurrence, $0.x + 1, $0.y) })
    let dashed = drawing.elements.filter {
      if case .line(let points, _, let isDashed) = $0.shape {
        isDashed && points.count == 5
      } else {
        false
      }
    }
    #expect(dashed.count == 1)
    #expect(dashed.allSatisfy { !isCourse($0.ink) })
  }

  @Test func `a path breaks at a point without a place`() {
    let drawing = plot([(0, 0, 0), (1, 1, 1), (2, .nan, 0), (3, 2, 0), (4, 3, 1)])
    #expect(drawing.lines(isCourse).count == 2)
    #expect(drawing.circles(isCourse).count == 4)
  }

  @Test func `ends and powers of two are numbered`() {
    let drawing = plot((3...20).map { ($0, Double($0) * 10, Double($0 % 2)) })
    let numbers = drawing.texts.filter { $0.size == 11 }.map(\.string)
    #expect(numbers == ["3", "20", "4", "8", "16"])
    #expect(plot([(7, 1, 1)]).texts.filter { $0.size == 11 }.map(\.string) == ["7"])
  }

  @Test func `captions stand below the title, as far as they fit`() {
    let caption = "Position 12 of the prompt. " + String(repeating: "And more of it. ", count: 40)
    let texts = plot([(0, 0, 0)], captions: [caption]).texts
    #expect(texts[0].string == "t")
    #expect(texts[1].string.hasPrefix("Position 12 of the prompt. And more"))
    #expect(texts[3].string.hasSuffix("…"))
    #expect(texts[4].string == "y")
  }
}
