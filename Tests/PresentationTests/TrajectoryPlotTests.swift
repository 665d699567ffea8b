import Foundation
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

  /// A path that comes nearer to (5, −2) by half, and turns, at every step.
  private func spiral(turn: Double) -> [(recurrence: Int, x: Double, y: Double)] {
    (0..<32).map { step in
      let distance = 0.9 * pow(0.5, Double(step))
      let angle = turn * Double(step)
      return (step + 1, 5 + distance * cos(angle), -2 + distance * sin(angle))
    }
  }

  private func length(_ line: [Drawing.Point]) -> Double {
    hypot(line[1].x - line[0].x, line[1].y - line[0].y)
  }

  @Test func `steps that shrink by a factor are drawn with one length`() {
    let lengths = plot(spiral(turn: 0)).lines(isCourse).map(length)
    #expect(lengths.count == 31)
    #expect(lengths[..<14].allSatisfy { ($0 / lengths[0] - 1).magnitude < 1e-3 })
  }

  @Test func `a spiral is seen to its end`() {
    let lines = plot(spiral(turn: 0.7)).lines(isCourse)
    #expect(lines.count == 31 && lines[..<16].allSatisfy { length($0) > 5 })
  }

  @Test func `an orbit after a long first step has its shape`() throws {
    let orbit = (0..<32).map { step -> (recurrence: Int, x: Double, y: Double) in
      let angle = 2 * Double.pi * Double(step) / 8
      return step == 0 ? (1, 300, 40) : (step + 1, cos(angle), 0.5 * sin(angle))
    }
    let lines = plot(orbit).lines(isCourse)
    try #require(lines.count == 31)
    let (xs, ys) = (lines.dropFirst().map { $0[0].x }, lines.dropFirst().map { $0[0].y })
    let width = try #require(xs.max()) - #require(xs.min())
    let height = try #require(ys.max()) - #require(ys.min())
    #expect((width / height - 2).magnitude < 0.01)
    #expect(width > length(lines[0]) / 6)
  }

  @Test func `the picture states its scale`() {
    let drawing = plot(spiral(turn: 0.7))
    let texts = drawing.texts.map(\.string)
    let scale =
      "Distance from the mean of the last quarter: linear up to 10⁻⁶ (the disc), logarithmic beyond."
    #expect(texts.joined(separator: " ").contains(scale), "\(texts)")
    #expect(drawing.summary.contains(scale))
    #expect(texts.count { $0.hasPrefix("10⁻") && $0 != "10⁻⁶" } >= 3, "\(texts)")
    let even = plot((1...8).map { ($0, $0 < 7 ? 0 : Double(2 * $0 - 15), 0) }).texts
    #expect(even.contains { $0.string == "Distance from the mean of the last quarter: linear." })
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

  @Test func `captions are below the title, as far as they fit`() {
    let caption = "Position 12 of the prompt. " + String(repeating: "And more of it. ", count: 40)
    let texts = plot([(0, 0, 0)], captions: [caption]).texts
    #expect(texts[0].string == "t")
    #expect(texts[1].string.hasPrefix("Position 12 of the prompt. And more"))
    #expect(texts[3].string.hasSuffix("…"))
    #expect(texts[4].string.hasPrefix("Distance"))
  }
}
