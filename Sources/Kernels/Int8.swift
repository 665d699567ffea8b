import Tensors

extension Scalar {
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
  public static func encodeInt8(
    _ values: Span<Float>, scale: Float, into codes: inout MutableSpan<Int8>
  ) -> Int {
    precondition(values.count == codes.count)
    var clamped = 0
    for index in values.indices {
      guard scale > 0 else {
        codes[index] = 0
        continue
      }
      let rounded = (values[index] / scale).rounded(.toNearestOrEven)
      clamped += rounded.magnitude > 127 ? 1 : 0
      codes[index] = Int8(min(max(rounded, -127), 127))
    }
    return clamped
  }

  /// The values of `codes` under one scale: binary32(scale) × binary32(code), rounded once.
  public static func decodeInt8(
    _ codes: Span<Int8>, scale: Float, into values: inout MutableSpan<Float>
  ) {
    precondition(codes.count == values.count)
    for index in codes.indices { values[index] = scale * Float(codes[index]) }
  }

  /// The codes of a row under one F32 scale, max |w| ÷ 127.
  public static func encodeInt8Row(
    _ values: Span<Float>, into codes: inout MutableSpan<Int8>
  ) -> (RowOutcome, scale: Float) {
    var outcome = RowOutcome()
    outcome.largest = largestMagnitude(values)
    guard outcome.isFinite else { return (outcome, outcome.largest) }
    let scale = outcome.largest / 127
    // Near binary32's limit, a scale rounded up would decode 127 to infinity.
    outcome.overflowed = (scale * 127).isFinite ? 0 : 1
    outcome.clamped = encodeInt8(values, scale: scale, into: &codes)
    var decoded = [Float](repeating: 0, count: values.count)
    var span = decoded.mutableSpan
    decodeInt8(codes.span, scale: scale, into: &span)
    outcome.error = ErrorSums(decoded: decoded.span, source: values)
    return (outcome, scale)
  }

  /// The codes of a row under an F16 scale for each group, max |w| ÷ 127 of the group, rounded.
  public static func encodeInt8Groups(
    _ values: Span<Float>, groupSize: Int, into codes: inout MutableSpan<Int8>,
    scales: inout MutableSpan<UInt16>
  ) -> RowOutcome {
    var outcome = RowOutcome()
    outcome.largest = largestMagnitude(values)
    guard outcome.isFinite else { return outcome }
    var decoded = [Float](repeating: 0, count: values.count)
    for group in scales.indices {
      let range = group * groupSize..<(group + 1) * groupSize
      let part = values.extracting(range)
      let largest = largestMagnitude(part)
      var bits = (largest / 127).f16Bits
      // A group that is not all zero keeps a scale: the smallest that F16 has.
      if bits == 0 && largest > 0 { bits = 1 }
      outcome.overflowed += bits == 0x7C00 ? 1 : 0
      scales[group] = bits
      let scale = Float(f16Bits: bits)
      var partOfCodes = codes._mutatingExtracting(range)
      outcome.clamped += encodeInt8(part, scale: scale, into: &partOfCodes)
      var span = decoded.mutableSpan
      var partOfDecoded = span._mutatingExtracting(range)
      decodeInt8(partOfCodes.span, scale: scale, into: &partOfDecoded)
    }
    outcome.error = ErrorSums(decoded: decoded.span, source: values)
    return outcome
  }
}
