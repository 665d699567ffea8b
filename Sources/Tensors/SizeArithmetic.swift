/// Size arithmetic that reports overflow: every size that came from a file goes through it.
extension Int {
  /// The product, or nil on overflow.
  @inlinable
  public func multiplied(by other: Int) -> Int? {
    let (value, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : value
  }

  /// The sum, or nil on overflow.
  @inlinable
  public func adding(_ other: Int) -> Int? {
    let (value, overflow) = addingReportingOverflow(other)
    return overflow ? nil : value
  }

  /// The smallest multiple of `alignment`, a positive number, that is at least this; nil on
  /// overflow.
  @inlinable
  public func roundedUp(toMultipleOf alignment: Int) -> Int? {
    let remainder = self % alignment
    return remainder == 0 ? self : adding(alignment - remainder)
  }
}
