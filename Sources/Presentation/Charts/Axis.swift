/// What an axis, or a scale of colours, measures.
public struct Axis: Sendable {
  /// How values are laid out.
  public enum Scale: Sendable {
    /// Equal differences are equal lengths.
    case linear
    /// Equal ratios are equal lengths, with ticks at powers of two.
    case log2
    /// Equal ratios are equal lengths, with ticks at powers of ten.
    case log10
  }

  /// What is measured, with its unit.
  public var title: String
  /// How values are laid out.
  public var scale: Scale
  /// Values that the axis shows whatever the data are.
  public var including: ClosedRange<Double>?

  /// An axis; without more, it is linear and as long as the data need.
  public init(_ title: String, scale: Scale = .linear, including: ClosedRange<Double>? = nil) {
    self.title = title
    self.scale = scale
    self.including = including
  }
}
