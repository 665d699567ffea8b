import Codecs
import FileAccess
import PackFormat
import Quantization
import Tensors

/// What one frame holds of a file: at most 4 MiB, of one kind of bytes.
struct Piece: Equatable, Sendable {
  /// The bytes, from the start of the file.
  let range: Range<Int>
  /// Whether they are 16-bit values whose low bytes go first and whose high bytes follow.
  let isSplit: Bool

  /// The pieces of a file that is archived unchanged.
  static func pieces(ofFile byteCount: Int) -> [Piece] {
    cut(0..<byteCount, isSplit: false)
  }

  /// The pieces of a segment whose 16-bit planes are split: each plane, and what lies between, is cut
  /// by itself.
  static func pieces(ofSplit segment: SegmentLayout) -> [Piece] {
    var pieces: [Piece] = []
    var end = 0
    for plane in segment.tensors.flatMap(\.planes) where plane.isOfWords {
      pieces += cut(end..<plane.byteOffset, isSplit: false)
      pieces += cut(plane.byteRange, isSplit: true)
      end = plane.byteRange.upperBound
    }
    return pieces + cut(end..<segment.byteCount, isSplit: false)
  }

  /// The number of pieces of a file that is archived unchanged.
  static func count(ofFile byteCount: Int) -> Int {
    let limit = ZstdFrame.contentByteLimit
    return byteCount / limit + (byteCount.isMultiple(of: limit) ? 0 : 1)
  }

  private static func cut(_ range: Range<Int>, isSplit: Bool) -> [Piece] {
    stride(from: range.lowerBound, to: range.upperBound, by: ZstdFrame.contentByteLimit).map {
      Piece(
        range: $0..<$0 + min(ZstdFrame.contentByteLimit, range.upperBound - $0), isSplit: isSplit)
    }
  }
}

extension PlacedPlane {
  /// Whether the plane's elements have 16 bits.
  fileprivate var isOfWords: Bool { plane.dtype == .f16 || plane.dtype == .bf16 }
}

extension SegmentLayout {
  /// Whether anything in the segment can be split.
  var hasWords: Bool { tensors.contains { $0.planes.contains(where: \.isOfWords) } }
}

/// 16-bit values with their low bytes first and their high bytes behind.
///
/// The high bytes hold sign and exponent, which compress; mixed with the low ones, which do not,
/// they compress badly.
enum BytePlanes {
  /// Separates values.
  ///
  /// - Parameters:
  ///   - values: n of them.
  ///   - planes: 2 n bytes.
  @_lifetime(planes: copy planes)
  static func separate(_ values: RawSpan, into planes: inout MutableSpan<UInt8>) {
    let values = elements(values, UInt16.self)
    let count = values.count
    precondition(planes.count == 2 * count)
    for index in 0..<count {
      let value = values[index]
      planes[index] = UInt8(truncatingIfNeeded: value)
      planes[count + index] = UInt8(truncatingIfNeeded: value >> 8)
    }
  }

  /// The reverse of ``separate(_:into:)``.
  @_lifetime(values: copy values)
  static func join(_ planes: RawSpan, into values: inout MutableSpan<UInt16>) {
    let count = values.count
    precondition(planes.byteCount == 2 * count)
    let low = elements(planes.extracting(0..<count), UInt8.self)
    let high = elements(planes.extracting(count..<2 * count), UInt8.self)
    for index in 0..<count { values[index] = UInt16(low[index]) | UInt16(high[index]) << 8 }
  }

  @_lifetime(copy bytes)
  private static func elements<Element: BitwiseCopyable>(
    _ bytes: RawSpan, _ type: Element.Type
  ) -> Span<Element> {
    do throws(ViewError) {
      return try bytes.view(
        of: type, at: 0, count: bytes.byteCount / MemoryLayout<Element>.stride)
    } catch {
      preconditionFailure("buffers are aligned")
    }
  }
}
