extension Shape {
  /// Ranges of rows that cover the tensor in tiles, each of about `elementCount` elements, and of at
  /// least one row and at most `rowLimit`.
  public func tiles(of elementCount: Int = 1 << 18, rowLimit: Int = 4096) -> [Range<Int>] {
    tiles(of: elementCount, rowLimit: rowLimit, in: 0..<rows)
  }

  /// The same for some of the rows.
  public func tiles(
    of elementCount: Int = 1 << 18, rowLimit: Int = 4096, in rows: Range<Int>
  ) -> [Range<Int>] {
    let rowsPerTile = min(max(1, elementCount / max(1, columns)), rowLimit)
    return stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerTile).map { row in
      row..<min(rowsPerTile, rows.upperBound - row) + row
    }
  }
}
