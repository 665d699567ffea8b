extension Shape {
  /// Ranges of elements that cover the tensor in tiles of whole rows, each of about `elementCount`
  /// elements and at least one row.
  public func tiles(of elementCount: Int = 1 << 18) -> [Range<Int>] {
    let rowsPerTile = max(1, elementCount / max(1, columns))
    return stride(from: 0, to: rows, by: rowsPerTile).map { row in
      row * columns..<min(row + rowsPerTile, rows) * columns
    }
  }
}
