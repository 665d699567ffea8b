import Tensors

/// Two 4-bit codes in a byte: a code plus 8 is a nibble, that of the even column is the low one.
public enum Int4 {
  /// The codes.
  public static let codes: ClosedRange<Int8> = -8...7

  /// The byte of two neighbouring codes.
  public static func byte(_ even: Int8, _ odd: Int8) -> UInt8 {
    UInt8(bitPattern: even + 8) | UInt8(bitPattern: odd + 8) << 4
  }

  /// The code at a column of a row.
  ///
  /// - Parameters:
  ///   - column: from 0.
  ///   - bytes: the row's.
  /// - Returns: −8…7.
  public static func code(at column: Int, in bytes: Span<UInt8>) -> Int8 {
    let byte = bytes[column / 2]
    return Int8(column.isMultiple(of: 2) ? byte & 15 : byte >> 4) - 8
  }
}

extension Scalar {
  /// The code of a value: the binary32 quotient value ÷ scale, rounded to nearest even, clamped to
  /// −8…7; a scale of 0 gives code 0.
  ///
  /// - Parameters:
  ///   - value: finite.
  ///   - scale: the one that is stored, of either sign.
  /// - Returns: the code.
  public static func int4Code(_ value: Float, scale: Float) -> Int8 {
    guard scale != 0 else { return 0 }
    return Int8(min(max((value / scale).rounded(.toNearestOrEven), -8), 7))
  }

  /// The bits of a group's binary16 scale: the extreme ÷ −8, so that the extreme gets code −8.
  ///
  /// The extreme is the value of the largest magnitude with its sign, the one of the lowest column
  /// where several have it. A group that is not all zero keeps a scale: ±2⁻²⁴, the smallest that
  /// binary16 has.
  ///
  /// - Parameter group: finite values.
  /// - Returns: the bits, those of an infinity where the extreme is too large.
  public static func int4Scale(of group: Span<Float>) -> UInt16 {
    let extreme = extreme(of: group)
    guard extreme != 0 else { return 0 }
    let bits = (extreme / -8).f16Bits
    return bits & 0x7FFF == 0 ? bits | 1 : bits
  }

  /// The codes of a row under a binary16 scale for each group.
  ///
  /// - Parameters:
  ///   - values: the row.
  ///   - groupSize: a multiple of 32 that divides its count.
  ///   - codes: a byte for each two elements.
  ///   - scales: one for each group.
  /// - Returns: what it did.
  public static func encodeInt4Groups(
    _ values: Span<Float>, groupSize: Int, into codes: inout MutableSpan<UInt8>,
    scales: inout MutableSpan<UInt16>
  ) -> RowOutcome {
    var outcome = RowOutcome()
    outcome.largest = largestMagnitude(values)
    guard outcome.isFinite else { return outcome }
    var decoded = [Float](repeating: 0, count: values.count)
    for group in scales.indices {
      let first = group * groupSize
      let bits = int4Scale(of: values.extracting(first..<first + groupSize))
      outcome.overflowed += bits & 0x7FFF == 0x7C00 ? 1 : 0
      scales[group] = bits
      let scale = Float(f16Bits: bits)
      for column in stride(from: first, to: first + groupSize, by: 2) {
        let even = int4Code(values[column], scale: scale)
        let odd = int4Code(values[column + 1], scale: scale)
        codes[column / 2] = Int4.byte(even, odd)
        (decoded[column], decoded[column + 1]) = (scale * Float(even), scale * Float(odd))
      }
    }
    outcome.error = ErrorSums(decoded: decoded.span, source: values)
    return outcome
  }

  /// The values of codes under one scale: binary32(scale) × code, which is exact.
  ///
  /// - Parameters:
  ///   - codes: a byte for each two values.
  ///   - scale: a binary16 number.
  ///   - values: an even number of them.
  public static func decodeInt4(
    _ codes: Span<UInt8>, scale: Float, into values: inout MutableSpan<Float>
  ) {
    precondition(2 * codes.count == values.count)
    for index in values.indices { values[index] = scale * Float(Int4.code(at: index, in: codes)) }
  }
}
