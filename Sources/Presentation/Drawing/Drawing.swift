/// A picture as a value: shapes and text in points from the top left corner, y downwards.
///
/// Later elements lie over earlier ones. What is drawn says what a colour is for, its ``Ink``; the
/// colour itself is the theme's.
public struct Drawing: Equatable, Sendable {
  /// A shape, the ink that it is drawn with, and what a pointer over it tells.
  public struct Element: Equatable, Sendable {
    /// What is drawn, and where.
    public let shape: Shape
    /// What its colour is for.
    public let ink: Ink
    /// From 0, not to be seen, to 1.
    public let opacity: Double
    /// A line that a pointer resting on the shape shows.
    public let tooltip: String?
  }

  /// The largest magnitude of a coordinate, in points.
  static let reach = 1e6

  /// The width in points.
  public internal(set) var width: Double
  /// The height in points.
  public internal(set) var height: Double
  /// A line that names the picture, for those who do not see it.
  public let title: String
  /// A description of the picture in a few sentences, for readers who cannot see it.
  public let summary: String
  /// The shapes, from bottom to top.
  public private(set) var elements: [Element] = []

  /// An empty picture; a side that is not a number, or outside 1…1,000,000 points, becomes the
  /// nearest valid one.
  public init(width: Double, height: Double, title: String, summary: String = "") {
    func side(_ length: Double) -> Double {
      length.isNaN ? 1 : min(max(length, 1), Self.reach)
    }
    self.width = side(width)
    self.height = side(height)
    self.title = title
    self.summary = summary
  }

  /// Draws a shape over what is there.
  ///
  /// A shape without a place is not drawn: one with a coordinate or length that is not finite or
  /// beyond a million points, or with a negative length.
  public mutating func add(
    _ shape: Shape, _ ink: Ink, opacity: Double = 1, tooltip: String? = nil
  ) {
    guard shape.hasPlace, opacity > 0 else { return }
    elements.append(
      Element(shape: shape, ink: ink, opacity: min(opacity, 1), tooltip: tooltip))
  }
}
