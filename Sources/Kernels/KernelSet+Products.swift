import CMuninnKernels

extension KernelSet {
  /// Vectors as the rows of a matrix are multiplied with: those of codes in fixed point, many of them in
  /// panels.
  ///
  /// - Parameters:
  ///   - x: `[count, matrix.columns]`.
  ///   - matrix: what they are for; any of its rows will do.
  /// - Returns: the vectors.
  public func prepare(_ x: Span<Float>, for matrix: StoredMatrix) -> PreparedVectors {
    matrix.scheme.dtype == nil
      ? PreparedVectors(
        fixedPoint: x, columns: matrix.columns, bitsPerCode: matrix.scheme.bitsPerElement, self)
      : PreparedVectors(values: x, columns: matrix.columns, self)
  }

  /// The products of a stored matrix with vectors.
  ///
  /// Each equals ``Scalar/dot(_:_:)`` of a row's values, or ``Scalar/dot(_:scales:_:)`` of its codes,
  /// however many vectors there are and whoever computes it.
  ///
  /// - Parameters:
  ///   - matrix: `[rows, columns]`.
  ///   - x: prepared for the matrix.
  ///   - y: `[x.count, rows]`.
  public func multiply(
    _ matrix: StoredMatrix, _ x: PreparedVectors, into y: inout MutableSpan<Float>
  ) {
    multiply(matrix, x, into: &y, inParts: 1) { _, body in body(0) }
  }

  /// The same, in parts of whole rows that may be computed at the same time.
  ///
  /// - Parameters:
  ///   - matrix: `[rows, columns]`.
  ///   - x: prepared for the matrix.
  ///   - y: `[x.count, rows]`.
  ///   - partCount: how many parts.
  ///   - run: runs a body for each part, and waits for all.
  public func multiply(
    _ matrix: StoredMatrix, _ x: PreparedVectors, into y: inout MutableSpan<Float>,
    inParts partCount: Int, _ run: (_ count: Int, _ body: @Sendable (_ part: Int) -> Void) -> Void
  ) {
    precondition(y.count == matrix.rows * x.count && x.columns == matrix.columns)
    precondition(x.level == level, "vectors prepared for this level")
    // Whole tiles of 32 rows.
    let rowsInPart = ((matrix.rows + partCount - 1) / partCount + 31) / 32 * 32
    unsafe y.withUnsafeMutableBufferPointer { y in
      guard let start = y.baseAddress else { return }
      let output = unsafe Output(start: start)
      run(partCount) { part in
        let first = min(part * rowsInPart, matrix.rows)
        let rows = first..<min(first + rowsInPart, matrix.rows)
        for panels in x.panels {
          unsafe multiply(
            matrix.extracting(rows: rows), x, panels,
            output.start + panels.vectors.lowerBound * matrix.rows + first, stride: matrix.rows)
        }
      }
    }
  }

  /// Where threads write: each to its own rows' products.
  @safe
  private struct Output: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
  }

  private func multiply(
    _ matrix: StoredMatrix, _ x: PreparedVectors, _ panels: PreparedVectors.Panels,
    _ y: UnsafeMutablePointer<Float>, stride: Int
  ) {
    unsafe matrix.elements.withUnsafeBytes { elements in
      switch x.elements {
      case .values(let values):
        guard let dtype = matrix.scheme.dtype else { preconditionFailure("vectors for values") }
        unsafe values.withUnsafeBufferPointer { values in
          guard let start = values.baseAddress else { return }
          unsafe kernels.multiply(
            dtype.code, elements.baseAddress, matrix.rows, matrix.columns, panels.size,
            start + panels.offset, panels.vectors.count, y, stride)
        }
      case .fixedPoint(let parts, let units):
        precondition(matrix.scheme.bitsPerElement == x.bitsPerCode, "vectors for these codes")
        unsafe matrix.scales.withUnsafeBytes { scales in
          unsafe parts.withUnsafeBufferPointer { parts in
            unsafe units.withUnsafeBufferPointer { units in
              guard let start = parts.baseAddress, let unit = units.baseAddress else { return }
              unsafe kernels.multiply_codes(
                elements.baseAddress, matrix.scheme.bitsPerElement, scales.baseAddress,
                matrix.rows, matrix.columns, matrix.scheme.groupSize ?? 0, panels.size,
                start + panels.offset, unit + panels.vectors.lowerBound, panels.vectors.count, y,
                stride)
            }
          }
        }
      }
    }
  }
}

// MARK: - Preparing

extension KernelSet {
  /// A panel of values.
  func pack(
    _ x: Span<Float>, _ columns: Int, into values: inout [Float], at place: Int
  ) {
    unsafe x.withUnsafeBufferPointer { x in
      unsafe values.withUnsafeMutableBufferPointer { values in
        guard let start = values.baseAddress else { return }
        unsafe kernels.pack_panel(x.baseAddress, columns, x.count / columns, start + place)
      }
    }
  }

  /// A panel in fixed point.
  func fix(
    _ x: Span<Float>, _ columns: Int, _ size: Int, bitsPerCode: Int, into elements: inout [Int32],
    at place: Int,
    _ units: inout [Float], at unit: Int
  ) {
    unsafe x.withUnsafeBufferPointer { x in
      unsafe elements.withUnsafeMutableBufferPointer { elements in
        unsafe units.withUnsafeMutableBufferPointer { units in
          guard let start = elements.baseAddress, let first = units.baseAddress else { return }
          unsafe kernels.fix_panel(
            size, bitsPerCode, x.baseAddress, columns, x.count / columns, start + place,
            first + unit)
        }
      }
    }
  }
}
