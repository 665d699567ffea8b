import Testing

@testable import Presentation

struct LayoutTests {
  private struct Line: CustomStringConvertible {
    let text: Drawing.Text
    let area: Drawing.Rectangle

    /// The text with the area that its characters take; the charts' text is level.
    init(_ text: Drawing.Text) {
      self.text = text
      let left =
        switch text.anchor {
        case .start: text.place.x
        case .middle: text.place.x - text.length / 2
        case .end: text.place.x - text.length
        }
      area = Drawing.Rectangle(
        x: left, y: text.place.y - 0.72 * text.size, width: text.length, height: 0.8 * text.size)
    }

    var description: String { "\(text.string) at \(text.place)" }
  }

  private func lines(_ drawing: Drawing) -> [Line] {
    drawing.elements.compactMap { element in
      guard case .text(let text) = element.shape else { return nil }
      return Line(text)
    }
  }

  @Test(arguments: Sample.usual + Sample.degenerate)
  func `no text leaves the picture`(sample: Sample) {
    for line in lines(sample.drawing) {
      #expect(line.area.x >= 0, "\(line)")
      #expect(line.area.right <= sample.drawing.width, "\(line)")
      #expect(line.area.y >= 0, "\(line)")
      #expect(line.area.bottom <= sample.drawing.height, "\(line)")
    }
  }

  @Test(arguments: Sample.usual + Sample.degenerate)
  func `no text lies over another`(sample: Sample) {
    let lines = lines(sample.drawing)
    for (index, line) in lines.enumerated() {
      for other in lines[..<index] {
        #expect(!line.area.overlaps(other.area), "\(line), \(other)")
      }
    }
  }

  @Test(arguments: Sample.usual + Sample.degenerate)
  func `a chart has its title, a summary and its ground`(sample: Sample) throws {
    #expect(sample.drawing.summary.hasSuffix("."))
    #expect(sample.drawing.width >= 200 && sample.drawing.height >= 100)
    if let first = sample.drawing.title.split(separator: " ").first {
      #expect(try #require(lines(sample.drawing).first).text.string.hasPrefix(first))
    }
  }

  @Test(arguments: Sample.degenerate)
  func `each chart becomes a picture`(sample: Sample) throws {
    let png = try sample.drawing.png(scale: 1)
    #expect(png.count > 100)
    #expect(!sample.drawing.svg(.inline).contains("nan"))
    #expect(!sample.drawing.svg(.inline).contains("inf\""))
  }
}
