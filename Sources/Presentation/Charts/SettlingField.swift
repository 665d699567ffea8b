import CMuninnMath

/// A ``SettlingPlane`` on a sheet.
struct SettlingField {
  let plane: SettlingPlane
  /// What is drawn on.
  let area: Drawing.Rectangle
  /// Where the centre of the plane is.
  private let center: Drawing.Point
  /// The radius of the core in points.
  private let unit: Double

  /// Lays a plane out, as large as it can be with some points in it.
  ///
  /// - Parameters:
  ///   - plane: The plane.
  ///   - points: What must have room beside the core.
  ///   - area: Where it may be: its height is that at most, and less for what is flat.
  init(_ plane: SettlingPlane, showing points: [Drawing.Point], in area: Drawing.Rectangle) {
    let places = points.compactMap(plane.place)
    let (xs, ys) = (places.map(\.x) + [-1, 1], places.map(\.y) + [-1, 1])
    let (left, right) = (xs.min() ?? -1, xs.max() ?? 1)
    let (low, high) = (ys.min() ?? -1, ys.max() ?? 1)
    // A margin for the discs at the ends and their numbers.
    let (inner, most) = (area.width - 40, area.height - 40)
    unit = max(1, min(inner / (right - left), most / (high - low)))
    var area = area
    area.height = min(area.height, max((high - low) * unit + 40, 0.5 * area.width))
    self.plane = plane
    self.area = area
    center = .init(
      (area.x + area.right) / 2 - (left + right) / 2 * unit,
      (area.y + area.bottom) / 2 + (low + high) / 2 * unit)
  }

  /// The position of a pair of values; nil if one of them has no position.
  func point(_ x: Double, _ y: Double) -> Drawing.Point? {
    plane.place(.init(x, y)).map { .init(center.x + $0.x * unit, center.y - $0.y * unit) }
  }

  /// Draws the ground: lines through the centre, the core as a disc, and the marked distances as
  /// rings with their values.
  ///
  /// - Parameters:
  ///   - obstacles: areas that must stay free of values.
  ///   - sheet: Where it is drawn.
  /// - Returns: The positions of the values.
  func addGround(
    avoiding obstacles: [Drawing.Point], on sheet: inout Sheet
  ) -> [Drawing.Rectangle] {
    let corners = [area.x, area.right].flatMap { x in
      [area.y, area.bottom].map { y in hypot(x - center.x, y - center.y) }
    }
    let marks = plane.marks(upTo: (corners.max() ?? 0) / unit)
    sheet.drawing.add(.circle(center, radius: unit), .grid, opacity: 0.5)
    sheet.drawing.add(
      .line([.init(area.x, center.y), .init(area.right, center.y)], width: 1), .grid)
    sheet.drawing.add(
      .line([.init(center.x, area.y), .init(center.x, area.bottom)], width: 1), .grid)
    for mark in marks {
      for arc in arcs(radius: plane.radius(of: mark) * unit) {
        sheet.drawing.add(.line(arc, width: 1), .grid)
      }
    }
    sheet.drawing.add(.outline(area, width: 1), .grid)
    let values = values(of: marks, avoiding: obstacles)
    for (text, place) in values {
      // The ring breaks off at its value.
      sheet.drawing.add(.rectangle(place), .background, opacity: 0.8)
      sheet.write(
        text, at: .init(place.x + place.width / 2, place.bottom - 2), anchor: .middle, .muted)
    }
    return values.map(\.place)
  }

  /// The parts of a ring that lie in the area, as lines of 5° each.
  private func arcs(radius: Double) -> [[Drawing.Point]] {
    let points = (0...360).map { at(Double($0), radius) }
    return points.split { !area.contains($0) }.map { arc in
      arc.enumerated().filter { $0.offset % 5 == 0 || $0.offset == arc.count - 1 }.map(\.element)
    }
  }

  /// The place in a direction, in degrees against the clock from the right.
  private func at(_ angle: Double, _ radius: Double) -> Drawing.Point {
    let turn = angle * .pi / 180
    return .init(center.x + radius * cos(turn), center.y - radius * sin(turn))
  }

  /// The values of the powers of ten on their rings, all in that direction in which most of them
  /// have room; that of the core is stated in words.
  private func values(
    of marks: [Double], avoiding obstacles: [Drawing.Point]
  ) -> [(text: String, place: Drawing.Rectangle)] {
    let texts = TickText.labels(marks, .log10)
    let inner = area.padded(-3)
    let choices = stride(from: 90.0, to: 450, by: 15).map { angle in
      var values: [(text: String, place: Drawing.Rectangle)] = []
      for (mark, text) in zip(marks, texts).dropFirst() {
        let point = at(angle, plane.radius(of: mark) * unit)
        let width = text.room(size: Sheet.size) + 2
        let place = Drawing.Rectangle(
          x: point.x - width / 2, y: point.y - 6, width: width, height: 13)
        guard inner.contains(.init(place.x, place.y)),
          inner.contains(.init(place.right, place.bottom)),
          !values.contains(where: { $0.place.padded(1).overlaps(place) }),
          !obstacles.contains(where: { place.padded(1).contains($0) })
        else { continue }
        values.append((text, place))
      }
      return values
    }
    return choices.max { $0.count < $1.count } ?? []
  }
}
