/// The largest magnitude of finite `values`; 0 of none.
public func absoluteMaximum(_ values: Span<Float>) -> Float {
  // Magnitudes of finite values order like their bits.
  var largest: UInt32 = 0
  for index in values.indices { largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF) }
  return Float(bitPattern: largest)
}
