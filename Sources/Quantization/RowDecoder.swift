import FileAccess
public import Kernels
import Tensors

/// The values that a reader of a pack gets from rows as they are stored.
public struct RowDecoder: Sendable {
  private let kernels: KernelSet

  /// A decoder.
  public init(kernels: KernelSet = .best) {
    self.kernels = kernels
  }

  /// Decodes rows of 8-bit codes under one F32 scale a row.
  ///
  /// - Parameters:
  ///   - codes: `[rows, columns]`.
  ///   - scales: `[rows]`.
  ///   - values: as many as codes.
  public func decode(
    _ codes: Span<Int8>, rowScales scales: Span<Float>, into values: inout MutableSpan<Float>
  ) {
    decode(codes, groups: scales.count, into: &values) { scales[$0] }
  }

  /// Decodes rows of 8-bit codes under F16 scales, one for each group of a row.
  ///
  /// - Parameters:
  ///   - codes: `[rows, columns]`.
  ///   - scales: `[rows, columns / groupSize]`, binary16 bits.
  ///   - values: as many as codes.
  public func decode(
    _ codes: Span<Int8>, groupScales scales: Span<UInt16>, into values: inout MutableSpan<Float>
  ) {
    decode(codes, groups: scales.count, into: &values) { Float(f16Bits: scales[$0]) }
  }

  /// Rows and groups are alike here: runs of codes of one length, each under its scale.
  private func decode(
    _ codes: Span<Int8>, groups: Int, into values: inout MutableSpan<Float>,
    scale: (_ group: Int) -> Float
  ) {
    precondition(codes.count == values.count)
    guard groups > 0 else { return }
    precondition(codes.count.isMultiple(of: groups))
    let size = codes.count / groups
    for group in 0..<groups {
      let range = group * size..<(group + 1) * size
      var part = values.part(range)
      kernels.decodeInt8(codes.extracting(range), scale: scale(group), into: &part)
    }
  }
}
