/// The index of the first NaN or infinity, or nil.
public func firstNonFinite(_ values: Span<Float>) -> Int? {
  // Almost always there is none: a branchless pass over the exponents answers that.
  var largest: UInt32 = 0
  for index in values.indices { largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF) }
  guard largest >= 0x7F80_0000 else { return nil }
  return values.indices.first { !values[$0].isFinite }
}
