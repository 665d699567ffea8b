import Tensors

/// ggml's Q8_0: blocks of a binary16 scale and 32 codes.
public enum Q8_0 {
  /// The values of a block.
  public static let blockElementCount = 32
  /// Its bytes: the scale, then the codes.
  public static let blockByteCount = 34

  /// The bytes of a multiple of 32 values.
  public static func byteCount(ofElements count: Int) -> Int {
    precondition(count.isMultiple(of: blockElementCount))
    return count / blockElementCount * blockByteCount
  }
}

extension Scalar {
  /// Blocks of ggml's Q8_0, as its `quantize_row_q8_0_ref` makes them.
  ///
  /// scale = max |w| ÷ 127 of a block in binary32, stored rounded to binary16; code = the product
  /// w · (1 ÷ scale) with the scale that was not rounded, to nearest, halves away from zero. Where
  /// 1 ÷ scale is infinite the reference has no value, and all codes are 0.
  ///
  /// - Parameters:
  ///   - values: a multiple of 32, finite.
  ///   - blocks: 34 bytes for each 32.
  /// - Returns: the largest magnitude.
  public static func encodeQ8_0(
    _ values: Span<Float>, into blocks: inout MutableSpan<UInt8>
  ) -> Float {
    precondition(blocks.count == Q8_0.byteCount(ofElements: values.count))
    let largest = largestMagnitude(values)
    guard largest.isFinite else { return largest }
    for block in 0..<values.count / Q8_0.blockElementCount {
      let start = block * Q8_0.blockElementCount
      let part = values.extracting(start..<start + Q8_0.blockElementCount)
      let scale = largestMagnitude(part) / 127
      let inverse = scale > 0 && (1 / scale).isFinite ? 1 / scale : 0
      let byte = block * Q8_0.blockByteCount
      blocks[byte] = UInt8(truncatingIfNeeded: scale.f16Bits)
      blocks[byte + 1] = UInt8(truncatingIfNeeded: scale.f16Bits >> 8)
      for index in part.indices {
        let code = Int8((part[index] * inverse).rounded(.toNearestOrAwayFromZero))
        blocks[byte + 2 + index] = UInt8(bitPattern: code)
      }
    }
    return largest
  }
}
