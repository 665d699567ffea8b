/// The codes of `values` under one scale, and how many of them had to be clamped.
///
/// code = the binary32 quotient value ÷ scale, rounded to nearest even, clamped to ±127; a scale
/// of 0 gives code 0. Clamping happens only under a subnormal scale.
///
/// - Parameters:
///   - values: finite, as many as `codes`.
///   - scale: finite, not negative: the one that is stored.
///   - codes: −127…127.
/// - Returns: the number of codes clamped.
public func encodeInt8(
  _ values: Span<Float>, scale: Float, into codes: inout MutableSpan<Int8>
) -> Int {
  precondition(values.count == codes.count)
  guard scale > 0 else {
    for index in codes.indices { codes[index] = 0 }
    return 0
  }
  // 1.5 · 2²³: adding it leaves a rounded integer in the low bits of a binary32 sum.
  let rounder: Float = 0x1.8p23
  var clamped = 0
  for index in values.indices {
    let quotient = values[index] / scale
    // 127.5 is a tie that rounds to the even 128.
    clamped &+= quotient.magnitude >= 127.5 ? 1 : 0
    let bounded = min(max(quotient, -127), 127)
    codes[index] = Int8(truncatingIfNeeded: (bounded + rounder).bitPattern)
  }
  return clamped
}

/// The values of `codes` under one scale: binary32(scale) × binary32(code), rounded once.
public func decodeInt8(
  _ codes: Span<Int8>, scale: Float, into values: inout MutableSpan<Float>
) {
  precondition(codes.count == values.count)
  for index in codes.indices { values[index] = scale * Float(codes[index]) }
}
