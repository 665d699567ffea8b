/// Pixels of 8-bit RGB, on which shapes are drawn with smooth edges.
///
/// A pixel takes a part of the ink: about the part of it that the shape covers.
struct Raster {
  let width, height: Int
  /// Three bytes a pixel, rows from the top.
  private(set) var pixels: [UInt8]

  /// A ground of one colour.
  init(width: Int, height: Int, color: Color) {
    self.width = width
    self.height = height
    var row: [UInt8] = []
    for _ in 0..<width { row += color.bytes }
    pixels = []
    pixels.reserveCapacity(row.count * height)
    for _ in 0..<height { pixels += row }
  }

  /// Lays ink over the pixels, each by its share of the mask.
  mutating func paint(_ mask: Mask, _ color: Color, opacity: Double = 1) {
    let ink = [color.red, color.green, color.blue]
    for y in mask.rows {
      for x in mask.columns {
        let share = Double(mask[x, y]) * opacity
        guard share > 0 else { continue }
        let place = 3 * (y * width + x)
        for channel in 0..<3 {
          let ground = Double(pixels[place + channel])
          let mixed = ground + (ink[channel] - ground) * share
          pixels[place + channel] = UInt8(mixed.rounded())
        }
      }
    }
  }

  /// A mask of nothing for shapes within `bounds`, in pixels.
  func mask(bounds: Drawing.Rectangle) -> Mask {
    Mask(
      columns: Self.cells(from: bounds.x, to: bounds.right, limit: width),
      rows: Self.cells(from: bounds.y, to: bounds.bottom, limit: height))
  }

  /// The cells of 0..<`limit` that an interval touches.
  static func cells(from start: Double, to end: Double, limit: Int) -> Range<Int> {
    let first = Int(min(max(start.rounded(.down), 0), Double(limit)))
    let past = Int(min(max(end.rounded(.up), 0), Double(limit)))
    return first..<max(first, past)
  }
}

/// How much of each pixel a shape covers, from 0 to 1, within a part of a raster.
struct Mask {
  let columns, rows: Range<Int>
  private let stride: Int
  private var values: [Float]

  init(columns: Range<Int>, rows: Range<Int>) {
    self.columns = columns
    self.rows = rows
    stride = columns.count
    values = Array(repeating: 0, count: columns.count * rows.count)
  }

  private func index(_ x: Int, _ y: Int) -> Int {
    (y - rows.lowerBound) * stride + x - columns.lowerBound
  }

  subscript(x: Int, y: Int) -> Float { values[index(x, y)] }

  /// Covers a rectangle, pixels at its edges by the part that lies inside.
  mutating func cover(_ area: Drawing.Rectangle) {
    func overlap(_ cell: Int, _ start: Double, _ end: Double) -> Double {
      max(0, min(Double(cell + 1), end) - max(Double(cell), start))
    }
    for y in rows {
      let share = overlap(y, area.y, area.bottom)
      for x in columns {
        values[index(x, y)] = Float(share * overlap(x, area.x, area.right))
      }
    }
  }

  /// Covers what is within `radius` of the straight line between two points: a thick line with
  /// round ends, or a circle where both points are one.
  ///
  /// Shapes that touch are one shape: a pixel's share is the largest that any of them gives it.
  mutating func cover(from start: Drawing.Point, to end: Drawing.Point, radius: Double) {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let square = dx * dx + dy * dy
    let reach = radius + 0.5
    let first = max(rows.lowerBound, Int(max(0, min(start.y, end.y) - reach)))
    let past = min(Double(rows.upperBound), (max(start.y, end.y) + reach).rounded(.up))
    for y in first..<max(first, Int(past)) {
      let center = Double(y) + 0.5
      // The piece of the line that is near this row decides which columns it can reach.
      let pieces = [center - reach, center + reach].map { edge in
        dy == 0 ? start.x : start.x + dx * min(max((edge - start.y) / dy, 0), 1)
      }
      let ends = dy == 0 ? [start.x, end.x] : pieces
      let (left, right) = (min(ends[0], ends[1]) - reach, max(ends[0], ends[1]) + reach)
      let reached = Raster.cells(from: left, to: right, limit: columns.upperBound)
        .clamped(to: columns)
      for x in reached {
        let (px, py) = (Double(x) + 0.5 - start.x, center - start.y)
        let part = square > 0 ? min(max((px * dx + py * dy) / square, 0), 1) : 0
        let (ox, oy) = (px - part * dx, py - part * dy)
        let distance = (ox * ox + oy * oy).squareRoot()
        let share = min(max(reach - distance, 0), 1, 2 * radius)
        values[index(x, y)] = max(values[index(x, y)], Float(share))
      }
    }
  }
}
