import CMuninnKernels
public import Tensors

/// The kernels of one level of the processor, over spans whose lengths are checked.
///
/// Sources are rows of F32, F16 or BF16 as they lie in a file, at any alignment; outputs are the
/// bytes that are stored. Each kernel equals the function of its name in ``Scalar``, bit for bit; only
/// the payload of a NaN is not specified.
public struct KernelSet: Sendable {
  /// Their level.
  public let level: CPULevel
  let kernels: muninn_kernels

  /// The kernels of a level; nil if this processor lacks it.
  public init?(_ level: CPULevel) {
    guard let kernels = unsafe muninn_kernels_at(level.code) else { return nil }
    self.level = level
    unsafe self.kernels = kernels.pointee
  }

  /// The kernels of the best level that this processor has.
  public static let best: KernelSet = {
    guard let best = CPULevel.available.last.flatMap(KernelSet.init) else {
      preconditionFailure("every architecture has a level")
    }
    return best
  }()

  // MARK: - Reading

  /// The largest magnitude, by its bits; 0 of nothing, infinite or NaN where a value is.
  public func largestMagnitude(_ source: RawSpan, of dtype: DType) -> Float {
    let count = Self.count(source, of: dtype)
    return Float(
      bitPattern: unsafe source.withUnsafeBytes {
        unsafe kernels.largest_magnitude($0.baseAddress, dtype.code, count)
      })
  }

  /// The values in binary32.
  public func widen(_ source: RawSpan, of dtype: DType, into values: inout MutableSpan<Float>) {
    precondition(Self.count(source, of: dtype) == values.count)
    unsafe source.withUnsafeBytes { source in
      unsafe values.withUnsafeMutableBufferPointer { values in
        unsafe kernels.widen(source.baseAddress, dtype.code, values.count, values.baseAddress)
      }
    }
  }

  /// The values in binary32, four bytes for each element.
  public func widen(_ source: RawSpan, of dtype: DType, into bytes: inout MutableSpan<UInt8>) {
    let count = Self.count(source, of: dtype)
    precondition(bytes.count == 4 * count)
    unsafe source.withUnsafeBytes { source in
      unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe kernels.widen(
          source.baseAddress, dtype.code, count, bytes.baseAddress)
      }
    }
  }

  /// The error of decoded values against their source.
  public func errorSums(decoded: Span<Float>, source: Span<Float>) -> ErrorSums {
    precondition(decoded.count == source.count)
    return unsafe decoded.withUnsafeBufferPointer { decoded in
      unsafe source.withUnsafeBufferPointer { source in
        ErrorSums(
          unsafe kernels.error_sums(decoded.baseAddress, source.baseAddress, source.count))
      }
    }
  }

  // MARK: - Encoding

  /// Whole rows as ggml's blocks.
  ///
  /// - Parameters:
  ///   - source: a multiple of 32 values.
  ///   - dtype: their type.
  ///   - format: of the blocks.
  ///   - blocks: their bytes.
  /// - Returns: the largest magnitude; infinite or NaN where a value is, and the blocks then mean
  ///   nothing.
  public func encodeBlocks(
    _ source: RawSpan, of dtype: DType, as format: BlockFormat,
    into blocks: inout MutableSpan<UInt8>
  ) -> Float {
    let count = Self.count(source, of: dtype)
    precondition(blocks.count == format.byteCount(ofElements: count))
    return Float(
      bitPattern: unsafe source.withUnsafeBytes { source in
        unsafe blocks.withUnsafeMutableBytes { blocks in
          switch format {
          case .q8_0:
            unsafe kernels.encode_q8_0(source.baseAddress, dtype.code, count, blocks.baseAddress)
          case .q4_0:
            unsafe kernels.encode_q4_0(source.baseAddress, dtype.code, count, blocks.baseAddress)
          }
        }
      })
  }

  /// One row rounded to binary16, two bytes for each element.
  public func encodeF16(
    _ source: RawSpan, of dtype: DType, into bits: inout MutableSpan<UInt8>
  ) -> RowOutcome {
    unsafe encodeHalf(source, dtype, into: &bits, kernels.encode_f16)
  }

  /// One row rounded to bfloat16, two bytes for each element.
  public func encodeBF16(
    _ source: RawSpan, of dtype: DType, into bits: inout MutableSpan<UInt8>
  ) -> RowOutcome {
    unsafe encodeHalf(source, dtype, into: &bits, kernels.encode_bf16)
  }

  private func encodeHalf(
    _ source: RawSpan, _ dtype: DType, into bits: inout MutableSpan<UInt8>,
    _ kernel:
      @convention(c) (
        UnsafeRawPointer?, muninn_dtype, Int, UnsafeMutableRawPointer?
      ) -> muninn_row
  ) -> RowOutcome {
    let count = Self.count(source, of: dtype)
    precondition(bits.count == 2 * count)
    return unsafe source.withUnsafeBytes { source in
      unsafe bits.withUnsafeMutableBytes { bits in
        RowOutcome(unsafe kernel(source.baseAddress, dtype.code, count, bits.baseAddress))
      }
    }
  }

  // MARK: - Decoding

  /// The values of a stored matrix.
  public func decode(_ matrix: StoredMatrix, into values: inout MutableSpan<Float>) {
    precondition(values.count == matrix.rows * matrix.columns)
    if let dtype = matrix.scheme.dtype {
      widen(matrix.elements, of: dtype, into: &values)
    } else {
      decodeCodes(of: matrix, into: &values)
    }
  }

  static func count(_ source: RawSpan, of dtype: DType) -> Int {
    let size = dtype.bitsPerElement / 8
    precondition(source.byteCount.isMultiple(of: size))
    return source.byteCount / size
  }
}

extension DType {
  var code: muninn_dtype {
    switch self {
    case .f32: MUNINN_F32
    case .f16: MUNINN_F16
    case .bf16: MUNINN_BF16
    default: preconditionFailure("\(self) is not converted")
    }
  }
}

extension RowOutcome {
  init(_ row: muninn_row) {
    error = ErrorSums(row)
    clamped = Int(row.clamped)
    overflowed = Int(row.overflowed)
    underflowed = Int(row.underflowed)
    largest = Float(bitPattern: row.largest)
  }
}

extension ErrorSums {
  fileprivate init(_ row: muninn_row) {
    maxAbs = row.max_abs
    sumSquaredError = row.sum_sq_error
    sumSquaredSource = row.sum_sq_source
  }
}
