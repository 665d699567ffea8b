import HuginnModel
import Kernels
import Parallelism
import Tensors

/// Scanning values, and comparing a tied head with its embedding on the way.
extension Checkpoint {
  func scan(
    _ tensor: Tensor, _ model: ModelTensor, _ monitor: Monitor
  ) throws(CheckpointError) -> [Diagnostic] {
    var reader = TensorReader(tensor, of: self)
    var values: [Float] = []
    var scan = ValueScan()
    for tile in model.shape.tiles() {
      try next(tile, of: tensor, &reader, into: &values, monitor)
      scan.add(values, columns: model.shape.columns)
    }
    return diagnostics(of: scan, tensor, model)
  }

  /// Reads embedding and head together; both values are binary32 by then.
  func compare(
    _ embedding: Tensor, _ head: Tensor, scanning model: ModelTensor?, _ monitor: Monitor
  ) throws(CheckpointError) -> [Diagnostic] {
    let shape = head.description.shape
    var (left, right) = (TensorReader(embedding, of: self), TensorReader(head, of: self))
    var (leftValues, rightValues): ([Float], [Float]) = ([], [])
    var scan = ValueScan()
    var difference: Int?
    for tile in shape.tiles() {
      try next(tile, of: embedding, &left, into: &leftValues, monitor)
      if model != nil { scan.add(leftValues, columns: shape.columns) }
      if difference != nil { continue }
      try next(tile, of: head, &right, into: &rightValues, monitor)
      // Most tiles are equal, which arrays compare fastest.
      if leftValues == rightValues { continue }
      difference = leftValues.indices.first { index in
        let (left, right) = (leftValues[index], rightValues[index])
        return left != right && !(left.isNaN && right.isNaN)
      }
      .map { tile.lowerBound + $0 }
      if difference != nil && model == nil { break }
    }
    let findings = model.map { diagnostics(of: scan, embedding, $0) } ?? []
    return findings + [headDiagnostic(difference, shape)]
  }

  private func next(
    _ tile: Range<Int>, of tensor: Tensor, _ reader: inout TensorReader,
    into values: inout [Float], _ monitor: Monitor
  ) throws(CheckpointError) {
    if monitor.isCancelled { throw .cancelled }
    try reader.read(tile, into: &values)
    monitor.advance(by: tile.count * tensor.description.dtype.bitsPerElement / 8)
  }

  private func headDiagnostic(_ difference: Int?, _ shape: Shape) -> Diagnostic {
    guard let difference else {
      return Diagnostic(
        .headEqual, subject: HuginnConfig.headName,
        hint: "nothing is to be done: the pack has it once")
    }
    return Diagnostic(
      .headDifferent, subject: HuginnConfig.headName,
      expected: "the values of \(HuginnConfig.embeddingName)",
      found: "the first difference at \(shape.position(of: difference))",
      hint: "the reference code would drop it silently; convert with --ignore-stored-head to do "
        + "so, or set tie_embeddings to false to keep it")
  }

  private func diagnostics(
    of scan: ValueScan, _ tensor: Tensor, _ model: ModelTensor
  ) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    if let first = scan.nonFinite.first {
      let byte =
        tensor.byteRange.lowerBound + first * tensor.description.dtype.bitsPerElement / 8
      findings.append(
        Diagnostic(
          .valueNotFinite, subject: model.name, expected: "finite values",
          found: "\(scan.nonFinite.count), the first at \(model.shape.position(of: first)), "
            + "byte \(byte) of \(shards[tensor.shard].name)",
          hint: "the file is damaged or training diverged: verify its checksum, fetch it again"))
    }
    let isNorm = model.kind == .vector && !model.name.hasSuffix("bias")
    if scan.isAllZero, isNorm {
      findings.append(
        Diagnostic(
          .normZero, subject: model.name, expected: "weights near 1", found: "zeros",
          hint: "a zero norm erases its stream: the file is damaged or was never filled"))
    } else if model.kind == .matrix, scan.isAllZero {
      findings.append(
        Diagnostic(
          .tensorZero, subject: model.name, found: "zeros only",
          hint: "the file may be sparse or cut short of its content: verify its checksum"))
    } else if model.kind == .matrix, let first = scan.zeroRows.first {
      findings.append(
        Diagnostic(
          .rowZero, subject: model.name,
          found: "\(scan.zeroRows.count) of \(model.shape.rows), the first is row \(first)",
          hint: "harmless in the padding of a vocabulary, suspicious elsewhere"))
    }
    if let first = scan.beyondF16.first {
      findings.append(
        Diagnostic(
          .valueBeyondF16, subject: model.name,
          found: "\(scan.beyondF16.count), the first at \(model.shape.position(of: first)), the "
            + "largest is \(scan.largest)",
          hint: "f16 refuses them: choose bf16 or int8 for this tensor"))
    }
    return findings
  }
}

extension ValueScan {
  /// Scans a tile of whole rows.
  fileprivate mutating func add(_ values: [Float], columns: Int) {
    for start in stride(from: 0, to: values.count, by: max(1, columns)) {
      add(values.span.extracting(start..<start + columns))
    }
  }
}

extension Shape {
  /// The place of an element, for messages.
  fileprivate func position(of element: Int) -> String {
    "row \(element / max(1, columns)), column \(element % max(1, columns))"
  }
}
