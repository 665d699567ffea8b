import CMuninnMath

extension Raster {
  /// Draws an element of a drawing, each point of it as `scale` pixels.
  mutating func draw(_ element: Drawing.Element, scale: Double, _ palette: Palette) {
    let color = palette[element.ink]
    func stroke(_ lines: [[Drawing.Point]], width: Double) -> Mask {
      self.mask(
        of: lines.map { $0.map { Drawing.Point($0.x * scale, $0.y * scale) } }, width * scale)
    }
    let mask: Mask
    switch element.shape {
    case .line(let points, let width, let isDashed):
      let lines = isDashed ? dashes(of: points, dash: 4 * width, gap: 3 * width) : [points]
      mask = stroke(lines, width: width)
    case .circle(let center, let radius):
      mask = stroke([[center]], width: 2 * radius)
    case .rectangle(let area):
      let scaled = Drawing.Rectangle(
        x: area.x * scale, y: area.y * scale, width: area.width * scale,
        height: area.height * scale)
      var filled = self.mask(bounds: scaled)
      filled.cover(scaled)
      mask = filled
    case .outline(let area, let width):
      let corners = [
        (area.x, area.y), (area.right, area.y), (area.right, area.bottom),
        (area.x, area.bottom), (area.x, area.y),
      ].map(Drawing.Point.init)
      mask = stroke([corners], width: width)
    case .text(let text):
      mask = stroke(text.strokes, width: text.size * (text.isBold ? 0.125 : 0.085))
    }
    paint(mask, color, opacity: element.opacity)
  }

  /// What thick lines cover, in pixels.
  private func mask(of lines: [[Drawing.Point]], _ width: Double) -> Mask {
    let points = lines.joined()
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
    else { return Mask(columns: 0..<0, rows: 0..<0) }
    let reach = width / 2 + 0.5
    var mask = self.mask(
      bounds: .init(
        x: left - reach, y: top - reach, width: right - left + 2 * reach,
        height: bottom - top + 2 * reach))
    for line in lines {
      for (index, point) in line.enumerated() where index > 0 || line.count == 1 {
        mask.cover(from: line[max(0, index - 1)], to: point, radius: width / 2)
      }
    }
    return mask
  }
}

/// The dashes of a line through points; the whole line where the dashes would be too many.
private func dashes(
  of points: [Drawing.Point], dash: Double, gap: Double
) -> [[Drawing.Point]] {
  let lengths = zip(points, points.dropFirst()).map { hypot($1.x - $0.x, $1.y - $0.y) }
  guard dash > 0, lengths.reduce(0, +) < 10_000 * dash else { return [points] }
  var lines: [[Drawing.Point]] = []
  var (isOn, left) = (true, dash)
  for (index, length) in lengths.enumerated() where length > 0 {
    let (start, end) = (points[index], points[index + 1])
    func point(_ distance: Double) -> Drawing.Point {
      let part = distance / length
      return .init(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)
    }
    var place = 0.0
    while place < length {
      let step = min(left, length - place)
      if isOn { lines.append([point(place), point(place + step)]) }
      place += step
      left -= step
      if left <= 0 {
        isOn.toggle()
        left = isOn ? dash : gap
      }
    }
  }
  return lines
}

extension Drawing.Text {
  /// The strokes of the characters at their positions, in points.
  var strokes: [[Drawing.Point]] {
    let weight = isBold ? 1.06 : 1
    var along =
      switch anchor {
      case .start: 0.0
      case .middle: -length / 2
      case .end: -length
      }
    let (cosine, sine) = (cos(angle * .pi / 180), sin(angle * .pi / 180))
    var strokes: [[Drawing.Point]] = []
    for character in string {
      let glyph = StrokeFont.glyph(character)
      for stroke in glyph.strokes {
        strokes.append(
          stroke.map { point in
            let (x, y) = (along + point.x * size * weight, point.y * size)
            return .init(place.x + x * cosine - y * sine, place.y - x * sine - y * cosine)
          })
      }
      along += glyph.advance * size * weight
    }
    return strokes
  }
}
