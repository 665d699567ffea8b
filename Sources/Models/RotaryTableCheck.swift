import FileAccess
import HuginnModel
import Parallelism
import Tensors

extension ValueChecker {
  /// Compares a stored rotary table with the formula, row by row.
  func rotaryTableDiagnostic(
    _ stored: StoredTensor, _ monitor: Monitor
  ) throws(ReadingError) -> Diagnostic {
    let table = RotaryTable(config)
    var reader = TensorReader(stored)
    // [positions, 1, head_dim / 2, 2]: what is a row here are several of the innermost dimension.
    let rows = table.columns / stored.shape.columns
    var row: [Float] = []
    var (largest, position): (Float, Int) = (0, 0)
    for index in 0..<config.contextLength {
      if monitor.isCancelled { throw .cancelled }
      try ReadingError.wrapping(reader.read(index * rows..<(index + 1) * rows, into: &row))
      for (found, expected) in zip(row, table.row(at: index)) {
        // A NaN is farther away than any number.
        let distance = (found - expected).magnitude
        let difference = distance.isNaN ? .infinity : distance
        if difference > largest { (largest, position) = (difference, index) }
      }
    }
    monitor.advance(by: stored.byteCount ?? 0)
    let dtype = reader.tensor.dtype
    let tolerance = RotaryTable.tolerance(storedIn: dtype)
    let found = "\(dtype.rawValue), the largest difference is \(largest) at position \(position)"
    return largest <= tolerance
      ? Diagnostic(
        .rotaryTableStored, subject: HuginnConfig.rotaryTableName, found: found,
        hint: "nothing to do")
      : Diagnostic(
        .rotaryTableDifferent, subject: HuginnConfig.rotaryTableName,
        expected: "within \(tolerance) of rope_base = \(config.ropeBase)", found: found,
        hint: "rope_base, head_dim or the table itself is wrong; remove the table to recompute it")
  }
}
