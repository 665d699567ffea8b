import Tensors

/// ggml's blocks: a binary16 scale and the codes of 32 values.
public enum BlockFormat: Hashable, Sendable {
  /// 8-bit codes, in order.
  case q8_0
  /// 4-bit codes plus 8: byte j has that of value j in its low half, and that of value j + 16 in its
  /// high one.
  case q4_0

  /// The values of a block.
  public static let elementCount = 32

  /// The bytes of a block: the scale, then the codes.
  public var byteCount: Int {
    switch self {
    case .q8_0: 2 + 32
    case .q4_0: 2 + 16
    }
  }

  /// The bytes of a multiple of 32 values.
  public func byteCount(ofElements count: Int) -> Int {
    precondition(count.isMultiple(of: Self.elementCount))
    return count / Self.elementCount * byteCount
  }
}

extension Scalar {
  /// Blocks as ggml's `quantize_row_q8_0_ref` and `quantize_row_q4_0_ref` make them.
  ///
  /// The scale is computed in binary32 and stored rounded to binary16; codes come from the product
  /// w · (1 ÷ scale) with the scale that was not rounded. Q8_0: scale = max |w| ÷ 127, to nearest,
  /// halves away from zero. Q4_0: scale = m ÷ −8 with m the value of the largest magnitude, the first
  /// of several; code = ⌊product + 8.5⌋ − 8, at most 7, and zeros have the scale −0. Where 1 ÷ scale
  /// is infinite the reference has no value, and all codes are 0.
  ///
  /// - Parameters:
  ///   - values: a multiple of 32, finite.
  ///   - format: of the blocks.
  ///   - blocks: their bytes.
  /// - Returns: the largest magnitude.
  public static func encodeBlocks(
    _ values: Span<Float>, as format: BlockFormat, into blocks: inout MutableSpan<UInt8>
  ) -> Float {
    precondition(blocks.count == format.byteCount(ofElements: values.count))
    let largest = largestMagnitude(values)
    guard largest.isFinite else { return largest }
    let count = BlockFormat.elementCount
    for block in 0..<values.count / count {
      let part = values.extracting(block * count..<(block + 1) * count)
      let scale =
        switch format {
        case .q8_0: largestMagnitude(part) / 127
        case .q4_0: extreme(of: part) / -8
        }
      let inverse = scale != 0 && (1 / scale).isFinite ? 1 / scale : 0
      let byte = block * format.byteCount
      blocks[byte] = UInt8(truncatingIfNeeded: scale.f16Bits)
      blocks[byte + 1] = UInt8(truncatingIfNeeded: scale.f16Bits >> 8)
      for index in part.indices {
        let product = part[index] * inverse
        switch format {
        case .q8_0:
          let code = Int8(product.rounded(.toNearestOrAwayFromZero))
          blocks[byte + 2 + index] = UInt8(bitPattern: code)
        case .q4_0:
          let nibble = UInt8(min(15, Int(product + 8.5)))
          if index < count / 2 {
            blocks[byte + 2 + index] = nibble
          } else {
            blocks[byte + 2 + index - count / 2] |= nibble << 4
          }
        }
      }
    }
    return largest
  }

  /// The value of the largest magnitude, that of the lowest column where several have it; 0 of zeros.
  static func extreme(of values: Span<Float>) -> Float {
    var extreme: Float = 0
    for index in values.indices where values[index].magnitude > extreme.magnitude {
      extreme = values[index]
    }
    return extreme
  }
}
