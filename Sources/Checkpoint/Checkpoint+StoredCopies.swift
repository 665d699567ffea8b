public import HuginnModel
public import Parallelism
import Tensors

/// Tensors that a checkpoint stores although they follow from others: the tied head and the rotary
/// table. They are read here and go no further.
extension Checkpoint {
  /// Compares the stored copies with what they should be.
  ///
  /// - Parameters:
  ///   - ignoringHead: whether a head that differs from the embedding is let pass.
  ///   - monitor: told of the bytes compared.
  /// - Throws: ``CheckpointError``.
  public func storedCopyDiagnostics(
    ignoringHead: Bool = false, monitor: Monitor = .none
  ) throws(CheckpointError) -> [Diagnostic] {
    guard let config else { return [] }
    var diagnostics: [Diagnostic] = []
    if let finding = try rotaryTableDiagnostic(config) { diagnostics.append(finding) }
    if !ignoringHead, let finding = try headDiagnostic(config, monitor) {
      diagnostics.append(finding)
    }
    return diagnostics
  }

  /// The tensor, if it is there in a dtype and shape that can be read.
  private func readable(_ name: String, _ shape: Shape) -> Tensor? {
    guard let tensor = tensors[name], tensor.description.shape == shape,
      HuginnConfig.convertedDTypes.contains(tensor.description.dtype)
    else { return nil }
    return tensor
  }

  private func rotaryTableDiagnostic(
    _ config: HuginnConfig
  ) throws(CheckpointError) -> Diagnostic? {
    let shape = config.rotaryTableShape
    guard let stored = readable(HuginnConfig.rotaryTableName, shape) else { return nil }
    let table = RotaryTable(config)
    var reader = TensorReader(stored, of: self)
    var row: [Float] = []
    var (largest, position): (Float, Int) = (0, 0)
    for index in 0..<config.contextLength {
      try reader.read(index * table.columns..<(index + 1) * table.columns, into: &row)
      for (found, expected) in zip(row, table.row(at: index)) {
        // A NaN is farther away than any number.
        let difference = found.isNaN ? .infinity : (found - expected).magnitude
        if difference > largest { (largest, position) = (difference, index) }
      }
    }
    let dtype = stored.description.dtype
    let tolerance = RotaryTable.tolerance(storedIn: dtype)
    let found = "\(dtype.rawValue), the largest difference is \(largest) at position \(position)"
    return largest <= tolerance
      ? Diagnostic(
        .rotaryTableStored, subject: HuginnConfig.rotaryTableName, found: found,
        hint: "nothing is to be done")
      : Diagnostic(
        .rotaryTableDifferent, subject: HuginnConfig.rotaryTableName,
        expected: "within \(tolerance) of rope_base = \(config.ropeBase)", found: found,
        hint: "rope_base, head_dim or the table itself is wrong; remove the table to recompute it")
  }

  private func headDiagnostic(
    _ config: HuginnConfig, _ monitor: Monitor
  ) throws(CheckpointError) -> Diagnostic? {
    let shape = Shape(config.paddedVocabularySize, config.embeddingSize)
    guard config.tiesEmbeddings, let head = readable(HuginnConfig.headName, shape),
      let embedding = readable(HuginnConfig.embeddingName, shape)
    else { return nil }
    guard let index = try firstDifference(head, embedding, monitor) else {
      return Diagnostic(
        .headEqual, subject: HuginnConfig.headName,
        hint: "nothing is to be done: the pack has it once")
    }
    return Diagnostic(
      .headDifferent, subject: HuginnConfig.headName,
      expected: "the values of \(HuginnConfig.embeddingName)",
      found:
        "the first difference at row \(index / shape.columns), column \(index % shape.columns)",
      hint:
        "the reference code would drop it silently; convert with --ignore-stored-head to do so, "
        + "or set tie_embeddings to false to keep it")
  }

  /// The first element in which two tensors of one shape differ, compared as binary32 values.
  private func firstDifference(
    _ left: Tensor, _ right: Tensor, _ monitor: Monitor
  ) throws(CheckpointError) -> Int? {
    var (leftReader, rightReader) = (TensorReader(left, of: self), TensorReader(right, of: self))
    var (leftValues, rightValues): ([Float], [Float]) = ([], [])
    for tile in left.description.shape.tiles() {
      try leftReader.read(tile, into: &leftValues)
      try rightReader.read(tile, into: &rightValues)
      if monitor.isCancelled { throw .cancelled }
      monitor.advance(by: 8 * tile.count)
      // Most tiles are equal to the bit, which arrays compare fastest.
      if leftValues == rightValues { continue }
      if let offset = leftValues.indices.first(where: { leftValues[$0] != rightValues[$0] }) {
        return tile.lowerBound + offset
      }
    }
    return nil
  }
}

extension Checkpoint {
  /// The bytes that ``storedCopyDiagnostics(ignoringHead:monitor:)`` reports as read.
  public var storedCopyByteCount: Int {
    guard config?.tiesEmbeddings == true, let head = tensors[HuginnConfig.headName] else {
      return 0
    }
    return 8 * head.description.shape.elementCount
  }
}
