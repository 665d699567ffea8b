extension Scalar {
  /// The largest magnitude, by its bits; 0 of nothing, infinite or NaN where a value is.
  public static func largestMagnitude(_ values: Span<Float>) -> Float {
    // Magnitudes order like their bits.
    var largest: UInt32 = 0
    for index in values.indices { largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF) }
    return Float(bitPattern: largest)
  }
}
