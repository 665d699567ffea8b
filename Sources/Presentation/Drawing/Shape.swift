extension Drawing {
  /// A place in points.
  public struct Point: Hashable, Sendable {
    /// The distance from the left edge.
    public var x: Double
    /// The distance from the top edge.
    public var y: Double

    /// The place `x` from the left and `y` from the top.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A rectangle with sides along the axes.
  public struct Rectangle: Hashable, Sendable {
    /// The left edge.
    public var x: Double
    /// The top edge.
    public var y: Double
    /// The extent to the right.
    public var width: Double
    /// The extent downwards.
    public var height: Double

    /// A rectangle by its top left corner and extent.
    public init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    var right: Double { x + width }
    var bottom: Double { y + height }

    func padded(_ margin: Double) -> Rectangle {
      .init(
        x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
    }

    func contains(_ point: Point) -> Bool {
      point.x >= x && point.x <= right && point.y >= y && point.y <= bottom
    }

    func overlaps(_ other: Rectangle) -> Bool {
      x < other.right && other.x < right && y < other.bottom && other.y < bottom
    }
  }

  /// A line of text.
  public struct Text: Hashable, Sendable {
    /// Which part of the line is at its position.
    public enum Anchor: Sendable {
      case start, middle, end
    }

    /// The characters.
    public var string: String
    /// A point of the baseline.
    public var place: Point
    /// Which part of the line is at the position.
    public var anchor: Anchor
    /// The size of the type in points.
    public var size: Double
    /// Whether the type is bold.
    public var isBold: Bool
    /// The turn about the place in degrees, against the clock.
    public var angle: Double

    /// A line of text; without more, regular type of 12 points that starts at the place.
    public init(
      _ string: String, at place: Point, anchor: Anchor = .start, size: Double = 12,
      isBold: Bool = false, angle: Double = 0
    ) {
      self.string = string
      self.place = place
      self.anchor = anchor
      self.size = size
      self.isBold = isBold
      self.angle = angle
    }
  }

  /// What can be drawn.
  public enum Shape: Hashable, Sendable {
    /// Straight lines from point to point, with round ends and joins.
    case line([Point], width: Double, isDashed: Bool = false)
    /// A filled circle.
    case circle(Point, radius: Double)
    /// A filled rectangle.
    case rectangle(Rectangle)
    /// The outline of a rectangle, half of its width to each side of the edge.
    case outline(Rectangle, width: Double)
    /// A line of text.
    case text(Text)
  }
}

extension Drawing.Shape {
  /// Whether each coordinate and length is finite and within reach, and no length negative.
  var hasPlace: Bool {
    func within(_ points: [Drawing.Point]) -> Bool {
      points.allSatisfy {
        $0.x.magnitude <= Drawing.reach && $0.y.magnitude <= Drawing.reach
      }
    }
    func isLength(_ value: Double) -> Bool { value >= 0 && value <= Drawing.reach }
    func within(_ area: Drawing.Rectangle) -> Bool {
      within([.init(area.x, area.y)]) && isLength(area.width) && isLength(area.height)
    }
    return switch self {
    case .line(let points, let width, _): within(points) && isLength(width)
    case .circle(let center, let radius): within([center]) && isLength(radius)
    case .rectangle(let area): within(area)
    case .outline(let area, let width): within(area) && isLength(width)
    case .text(let text): within([text.place]) && isLength(text.size) && text.angle.isFinite
    }
  }
}
