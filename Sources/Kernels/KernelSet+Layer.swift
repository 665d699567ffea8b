import CMuninnKernels

extension KernelSet {
  /// Attention of one head: each output equals ``Scalar/attention(_:_:_:scale:)`` of its query.
  ///
  /// - Parameters:
  ///   - queries: rows.
  ///   - rowWidth: the elements of a row.
  ///   - offset: where the head's begin in a row.
  ///   - counts: for each query, how many of the first keys it attends to, at least one.
  ///   - keys: `[entries, size]`.
  ///   - values: `[entries, size]`.
  ///   - size: the elements of a head.
  ///   - outputs: `[queries, size]`.
  public func attend(
    _ queries: Span<Float>, rowWidth: Int, offset: Int, counts: Span<Int>, _ keys: Span<Float>,
    _ values: Span<Float>, size: Int, into outputs: inout MutableSpan<Float>
  ) {
    precondition(queries.count == counts.count * rowWidth && offset + size <= rowWidth)
    precondition(outputs.count == counts.count * size && keys.count == values.count)
    for index in counts.indices {
      precondition(counts[index] > 0 && counts[index] * size <= keys.count, "keys that are there")
    }
    let scale = 1 / Float(size).squareRoot()
    unsafe queries.withUnsafeBufferPointer { queries in
      unsafe counts.withUnsafeBufferPointer { counts in
        unsafe keys.withUnsafeBufferPointer { keys in
          unsafe values.withUnsafeBufferPointer { values in
            unsafe outputs.withUnsafeMutableBufferPointer { outputs in
              guard let first = queries.baseAddress else { return }
              unsafe kernels.attend(
                first + offset, rowWidth, counts.count,
                UnsafeRawPointer(counts.baseAddress)?.assumingMemoryBound(to: UInt.self),
                keys.baseAddress, values.baseAddress, size, scale, outputs.baseAddress, size)
            }
          }
        }
      }
    }
  }

  /// x · rsqrt(mean(x²) + ε) · weight of each row, as ``Scalar/normalized(_:_:epsilon:)``.
  ///
  /// - Parameters:
  ///   - x: `[rows, weight.count]`.
  ///   - weight: one factor for each column.
  ///   - epsilon: ε.
  ///   - y: of the shape of `x`.
  public func normalize(
    _ x: Span<Float>, _ weight: Span<Float>, epsilon: Float, into y: inout MutableSpan<Float>
  ) {
    precondition(x.count == y.count && !weight.isEmpty && x.count.isMultiple(of: weight.count))
    unsafe x.withUnsafeBufferPointer { x in
      unsafe weight.withUnsafeBufferPointer { weight in
        unsafe y.withUnsafeMutableBufferPointer { y in
          unsafe kernels.normalize(
            x.baseAddress, weight.baseAddress, x.count / weight.count, weight.count, epsilon,
            y.baseAddress)
        }
      }
    }
  }

  /// silu(gate) · up of rows `[gate, up]`, as ``Scalar/gated(_:_:)``.
  ///
  /// - Parameters:
  ///   - x: `[rows, 2 · columns]`.
  ///   - columns: of a row's gates.
  ///   - y: `[rows, columns]`.
  public func gate(_ x: Span<Float>, columns: Int, into y: inout MutableSpan<Float>) {
    precondition(x.count == 2 * y.count && columns > 0 && y.count.isMultiple(of: columns))
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe kernels.gate(x.baseAddress, y.count / columns, columns, y.baseAddress)
      }
    }
  }

  /// Rotates neighbouring pairs (a, b) of each head to (a · cos − b · sin, b · cos + a · sin).
  ///
  /// - Parameters:
  ///   - row: `[heads, angles.count]`.
  ///   - angles: cosine and sine of each pair.
  public func rotate(_ row: inout MutableSpan<Float>, _ angles: Span<Float>) {
    precondition(!angles.isEmpty && row.count.isMultiple(of: angles.count))
    unsafe row.withUnsafeMutableBufferPointer { row in
      unsafe angles.withUnsafeBufferPointer { angles in
        unsafe kernels.rotate(
          row.baseAddress, angles.baseAddress, row.count / angles.count, angles.count)
      }
    }
  }

  /// Adds element by element.
  public func add(_ values: Span<Float>, to target: inout MutableSpan<Float>) {
    precondition(values.count == target.count)
    unsafe values.withUnsafeBufferPointer { values in
      unsafe target.withUnsafeMutableBufferPointer { target in
        unsafe kernels.add(values.baseAddress, values.count, target.baseAddress)
      }
    }
  }

  /// eˣ of each element, as ``Scalar/exponential(_:)``.
  public func exponentials(_ x: Span<Float>, into y: inout MutableSpan<Float>) {
    precondition(x.count == y.count)
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe kernels.exponentials(x.baseAddress, x.count, y.baseAddress)
      }
    }
  }
}
