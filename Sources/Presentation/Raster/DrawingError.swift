/// Why a drawing was not made into pixels.
public enum DrawingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The picture has more pixels than are drawn.
  case tooManyPixels(width: Double, height: Double, scale: Int, limit: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .tooManyPixels(let width, let height, let scale, let limit):
      "a picture of \(Drawing.number(width)) by \(Drawing.number(height)) points at scale \(scale)"
        + " exceeds the limit of \(Numbers.grouped(limit)) pixels"
    }
  }
}
