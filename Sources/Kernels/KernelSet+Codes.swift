import CMuninnKernels
public import Tensors

/// Codes: 8-bit under one scale a row or for each group, 4-bit for each group.
extension KernelSet {
  /// 8-bit codes of one row under one F32 scale.
  ///
  /// - Parameters:
  ///   - source: the row.
  ///   - dtype: its type.
  ///   - codes: a byte for each element.
  /// - Returns: what it did, and the scale.
  public func encodeInt8Row(
    _ source: RawSpan, of dtype: DType, into codes: inout MutableSpan<UInt8>
  ) -> (RowOutcome, scale: Float) {
    let count = Self.count(source, of: dtype)
    precondition(codes.count == count)
    var scale: Float = 0
    let row = unsafe source.withUnsafeBytes { source in
      unsafe codes.withUnsafeMutableBytes { codes in
        unsafe kernels.encode_int8_row(
          source.baseAddress, dtype.code, count,
          codes.baseAddress?.assumingMemoryBound(to: Int8.self), &scale)
      }
    }
    return (RowOutcome(row), scale)
  }

  /// 8-bit codes of one row under an F16 scale for each group.
  ///
  /// - Parameters:
  ///   - source: the row.
  ///   - dtype: its type.
  ///   - groupSize: a multiple of 32 that divides its count.
  ///   - codes: a byte for each element.
  ///   - scales: two bytes for each group.
  /// - Returns: what it did.
  public func encodeInt8Groups(
    _ source: RawSpan, of dtype: DType, groupSize: Int, into codes: inout MutableSpan<UInt8>,
    scales: inout MutableSpan<UInt8>
  ) -> RowOutcome {
    let count = Self.count(source, of: dtype)
    precondition(groupSize > 0 && groupSize.isMultiple(of: 32) && count.isMultiple(of: groupSize))
    precondition(codes.count == count && scales.count == 2 * (count / groupSize))
    return unsafe source.withUnsafeBytes { source in
      unsafe codes.withUnsafeMutableBytes { codes in
        unsafe scales.withUnsafeMutableBytes { scales in
          RowOutcome(
            unsafe kernels.encode_int8_groups(
              source.baseAddress, dtype.code, count, groupSize,
              codes.baseAddress?.assumingMemoryBound(to: Int8.self), scales.baseAddress))
        }
      }
    }
  }

  /// 4-bit codes of one row under an F16 scale for each group.
  ///
  /// - Parameters:
  ///   - source: the row.
  ///   - dtype: its type.
  ///   - groupSize: a multiple of 32 that divides its count.
  ///   - codes: a byte for each two elements.
  ///   - scales: two bytes for each group.
  /// - Returns: what it did.
  public func encodeInt4Groups(
    _ source: RawSpan, of dtype: DType, groupSize: Int, into codes: inout MutableSpan<UInt8>,
    scales: inout MutableSpan<UInt8>
  ) -> RowOutcome {
    let count = Self.count(source, of: dtype)
    precondition(groupSize > 0 && groupSize.isMultiple(of: 32) && count.isMultiple(of: groupSize))
    precondition(2 * codes.count == count && scales.count == 2 * (count / groupSize))
    return unsafe source.withUnsafeBytes { source in
      unsafe codes.withUnsafeMutableBufferPointer { codes in
        unsafe scales.withUnsafeMutableBytes { scales in
          RowOutcome(
            unsafe kernels.encode_int4_groups(
              source.baseAddress, dtype.code, count, groupSize, codes.baseAddress,
              scales.baseAddress))
        }
      }
    }
  }

  /// The values of codes under one scale.
  public func decodeInt8(
    _ codes: Span<Int8>, scale: Float, into values: inout MutableSpan<Float>
  ) {
    precondition(codes.count == values.count)
    unsafe codes.withUnsafeBufferPointer { codes in
      unsafe values.withUnsafeMutableBufferPointer { values in
        unsafe kernels.decode_int8(codes.baseAddress, codes.count, scale, values.baseAddress)
      }
    }
  }

  func decodeCodes(of matrix: StoredMatrix, into values: inout MutableSpan<Float>) {
    let scaleCount = matrix.scheme.groupSize.map { matrix.columns / $0 } ?? 1
    let run = matrix.columns / max(1, scaleCount)
    let bytesOfRun = run * matrix.scheme.bitsPerElement / 8
    for index in 0..<matrix.rows * scaleCount {
      let scale = unsafe matrix.scales.withUnsafeBytes { scales in
        matrix.scheme == .int8Row
          ? unsafe Float(
            bitPattern: scales.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
          : unsafe Float(f16Bits: scales.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
      }
      unsafe matrix.elements.withUnsafeBytes { elements in
        unsafe values.withUnsafeMutableBufferPointer { values in
          let codes = unsafe elements.baseAddress?.advanced(by: index * bytesOfRun)
          let output = unsafe values.baseAddress?.advanced(by: index * run)
          if matrix.scheme.bitsPerElement == 4 {
            unsafe kernels.decode_int4(
              codes?.assumingMemoryBound(to: UInt8.self), run, scale, output)
          } else {
            unsafe kernels.decode_int8(
              codes?.assumingMemoryBound(to: Int8.self), run, scale, output)
          }
        }
      }
    }
  }
}
