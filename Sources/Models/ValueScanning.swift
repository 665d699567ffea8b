import FileAccess
import HuginnModel
import Kernels
import Parallelism
import Tensors

/// Scanning values, and comparing a tied head with its embedding on the way.
extension ValueChecker {
  func scan(
    _ tensor: StoredTensor, _ rows: Range<Int>, _ kernels: KernelSet, _ monitor: Monitor
  ) throws(ReadingError) -> ValueFindings {
    var reader = TensorReader(tensor, kernels: kernels)
    var findings = ValueFindings()
    for tile in tensor.shape.tiles(in: rows) {
      try next(tile, of: tensor, &reader, monitor)
      findings.scan.add(reader, kernels)
    }
    return findings
  }

  /// Reads embedding and head together.
  func compare(
    _ embedding: StoredTensor, _ head: StoredTensor, _ rows: Range<Int>, scanning: Bool,
    _ kernels: KernelSet, _ monitor: Monitor
  ) throws(ReadingError) -> ValueFindings {
    let shape = head.shape
    var left = TensorReader(embedding, kernels: kernels)
    var right = TensorReader(head, kernels: kernels)
    var findings = ValueFindings()
    for tile in shape.tiles(in: rows) {
      try next(tile, of: embedding, &left, monitor)
      if scanning { findings.scan.add(left, kernels) }
      if findings.difference != nil { continue }
      try next(tile, of: head, &right, monitor)
      // Most tiles are the same bytes, which compare fastest.
      let isSameType = embedding.valueDType == head.valueDType
      if isSameType && left.bytes.isEqual(to: right.bytes) { continue }
      findings.difference = Self.firstDifference(left, right, kernels)
        .map { tile.lowerBound * shape.columns + $0 }
      if findings.difference != nil && !scanning { break }
    }
    return findings
  }

  /// Compares a tensor with its second copy, which has its dtype and shape, byte for byte.
  func compare(
    _ tensor: StoredTensor, _ copy: StoredTensor, _ monitor: Monitor
  ) throws(ReadingError) -> ValueFindings {
    var findings = ValueFindings()
    try ReadingError.wrapping { () throws(FileError) in
      let (start, other) = (tensor.byteRange.lowerBound, copy.byteRange.lowerBound)
      try tensor.file.forEachRun(in: tensor.byteRange) { bytes, offset throws(FileError) in
        let second = try copy.file.read(at: other + offset - start, count: bytes.byteCount)
        if !bytes.isEqual(to: second.span.rawBytes), findings.difference == nil {
          findings.difference = offset - start
        }
        monitor.advance(by: 2 * bytes.byteCount)
        return !monitor.isCancelled
      }
    }
    if monitor.isCancelled { throw .cancelled }
    return findings
  }

  /// Both values are binary32 by then.
  private static func firstDifference(
    _ left: TensorReader, _ right: TensorReader, _ kernels: KernelSet
  ) -> Int? {
    let (left, right) = (left.widened(kernels), right.widened(kernels))
    return left.indices.first { index in
      left[index] != right[index] && !(left[index].isNaN && right[index].isNaN)
    }
  }

  private func next(
    _ tile: Range<Int>, of tensor: StoredTensor, _ reader: inout TensorReader, _ monitor: Monitor
  ) throws(ReadingError) {
    if monitor.isCancelled { throw .cancelled }
    try ReadingError.wrapping(reader.read(tile))
    monitor.advance(by: reader.bytes.byteCount)
  }

  /// What a job's findings say.
  func diagnostics(of job: ValueJob, _ findings: ValueFindings) -> [Diagnostic] {
    switch job {
    case .rotaryTable:
      return [findings.rotaryTable].compactMap(\.self)
    case .scan(let tensor, let model):
      return diagnostics(of: findings.scan, tensor, model)
    case .copy(let tensor, let copy):
      return findings.difference == nil ? [] : [Self.duplicate(tensor, copy)]
    case .tiedPair(let embedding, let head, let scanning):
      return (scanning.map { diagnostics(of: findings.scan, embedding, $0) } ?? [])
        + [headDiagnostic(findings.difference, head.shape)]
    }
  }

  private static func duplicate(_ tensor: StoredTensor, _ copy: StoredTensor) -> Diagnostic {
    let names = [tensor, copy].map { Path.name(of: $0.file.path) }
    return Diagnostic(
      .tensorDuplicate, subject: tensor.name, expected: "the same values in both",
      found: "different values in \(names[0]) and \(names[1])",
      hint: "shards from several downloads are mixed: download into an empty directory")
  }

  private func headDiagnostic(_ difference: Int?, _ shape: Shape) -> Diagnostic {
    guard let difference else {
      return Diagnostic(
        .headEqual, subject: HuginnConfig.headName,
        hint: "nothing to do: the pack stores it once")
    }
    return Diagnostic(
      .headDifferent, subject: HuginnConfig.headName,
      expected: "the values of \(HuginnConfig.embeddingName)",
      found: "the first difference at \(shape.position(of: difference))",
      hint:
        "the reference code drops it silently, transformers 5 loads it as a separate head, with a "
        + "warning; drop it, or set tie_embeddings to false to keep it")
  }

  private func diagnostics(
    of scan: ValueScan, _ tensor: StoredTensor, _ model: ModelTensor
  ) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    if let first = scan.nonFinite.first {
      findings.append(
        Diagnostic(
          .valueNotFinite, subject: model.name, expected: "finite values",
          found: "\(scan.nonFinite.count), the first at \(model.shape.position(of: first)), "
            + tensor.place(of: first),
          hint:
            "the file is damaged or training diverged: verify its checksum, or download it again"))
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
          hint: "the file may be sparse or truncated: verify its checksum"))
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
          hint: "f16 cannot hold them: choose bf16 or int8 for this tensor"))
    }
    return findings
  }
}

/// What was noticed in some rows of a job's tensors.
struct ValueFindings: Sendable {
  var scan = ValueScan()
  /// The first element in which a head differs from its embedding.
  var difference: Int?
  var rotaryTable: Diagnostic?

  /// Adds what was noticed in the rows that follow.
  mutating func add(_ next: ValueFindings) {
    scan.add(next.scan)
    difference = difference ?? next.difference
    rotaryTable = rotaryTable ?? next.rotaryTable
  }
}

extension ValueScan {
  /// Scans the rows that were read last.
  fileprivate mutating func add(_ reader: TensorReader, _ kernels: KernelSet) {
    let rowByteCount = reader.tensor.shape.columns * reader.tensor.dtype.bitsPerElement / 8
    for start in stride(from: 0, to: reader.bytes.byteCount, by: max(1, rowByteCount)) {
      let row = reader.bytes.extracting(start..<start + rowByteCount)
      add(row, of: reader.tensor.dtype, kernels)
    }
  }
}

extension TensorReader {
  /// The rows that were read last, in binary32.
  fileprivate func widened(_ kernels: KernelSet) -> [Float] {
    var values = [Float](repeating: 0, count: bytes.byteCount * 8 / tensor.dtype.bitsPerElement)
    var span = values.mutableSpan
    kernels.widen(bytes, of: tensor.dtype, into: &span)
    return values
  }
}

extension StoredTensor {
  /// Where an element lies, for messages.
  fileprivate func place(of element: Int) -> String {
    let name = Path.name(of: file.path)
    guard case .values(let dtype) = storage else { return "in \(name)" }
    return "byte \(byteRange.lowerBound + element * dtype.bitsPerElement / 8) of \(name)"
  }
}

extension Shape {
  /// The place of an element, for messages.
  fileprivate func position(of element: Int) -> String {
    "row \(element / max(1, columns)), column \(element % max(1, columns))"
  }
}
