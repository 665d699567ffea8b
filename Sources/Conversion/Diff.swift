import FileAccess
public import Kernels
public import Models
public import Parallelism
import Synchronization
import Tensors

/// The differences between two models, worst first.
public struct Diff: Sendable {
  /// Every tensor that either model stores, by damage and then by name.
  public let differences: [TensorDifference]

  /// Compares two models tensor by tensor, in parallel and in tiles.
  ///
  /// A name that one model stores and the other implies is not a difference: a stored tied head is
  /// compared with the other's embedding, a stored rotary table is left to validation.
  ///
  /// - Throws: ``ConversionError`` if a model cannot be read.
  public init(
    _ first: StoredModel, _ second: StoredModel, workers: Workers = Workers(),
    kernels: KernelSet = .best, monitor: Monitor = .none
  ) throws(ConversionError) {
    let names = Set(first.tensors.keys).union(second.tensors.keys).filter { name in
      let isInBoth = first.tensors[name] != nil && second.tensors[name] != nil
      return isInBoth || !StoredModel.derivedNames.contains(name)
    }
    // The largest first, so that no thread is left with one at the end.
    .map { (name: $0, count: first[$0]?.shape.elementCount ?? 0) }
    .sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }
    .map(\.name)
    let found = Mutex<[TensorDifference]>([])
    try workers.run(names.count) { index throws(ConversionError) in
      let difference = try Self.compare(names[index], first, second, kernels, monitor)
      found.withLock { $0.append(difference) }
    }
    try ConversionError.wrapping(first.checkUnchanged())
    try ConversionError.wrapping(second.checkUnchanged())
    differences = found.withLock { $0 }.sorted {
      $0.damage != $1.damage ? $0.damage > $1.damage : $0.name < $1.name
    }
  }

  private static func compare(
    _ name: String, _ first: StoredModel, _ second: StoredModel, _ kernels: KernelSet,
    _ monitor: Monitor
  ) throws(ConversionError) -> TensorDifference {
    let (left, right) = (first[name], second[name])
    func difference(_ finding: TensorDifference.Finding) -> TensorDifference {
      TensorDifference(
        name: name, firstType: left?.type, secondType: right?.type, finding: finding)
    }
    guard let left else { return difference(.extra) }
    guard let right else { return difference(.missing) }
    guard left.shape == right.shape else { return difference(.shape(left.shape, right.shape)) }
    guard left.valueDType != nil, right.valueDType != nil else {
      // Values of another type are not read, but the same bytes are the same values.
      guard left.type == right.type, try hasSameBytes(left, right, monitor) else {
        return difference(.unreadable)
      }
      return difference(
        .values(
          .init(
            shape: left.shape, sums: ErrorSums(), firstDifference: nil, isReordered: false)))
    }
    return difference(.values(try compare(left, right, kernels, monitor)))
  }

  private static func compare(
    _ first: StoredTensor, _ second: StoredTensor, _ kernels: KernelSet, _ monitor: Monitor
  ) throws(ConversionError) -> TensorDifference.Comparison {
    let shape = first.shape
    var readers = (
      TensorReader(first, isChecking: true, kernels: kernels),
      TensorReader(second, isChecking: true, kernels: kernels)
    )
    var (left, right): ([Float], [Float]) = ([], [])
    var sums = ErrorSums()
    var firstDifference: Int?
    for tile in shape.tiles() {
      if monitor.isCancelled { throw .cancelled }
      try ConversionError.wrapping(readers.0.read(tile, into: &left))
      try ConversionError.wrapping(readers.1.read(tile, into: &right))
      for start in stride(from: 0, to: left.count, by: shape.columns) {
        let row = start..<start + shape.columns
        var rowSums = kernels.errorSums(
          decoded: right.span.extracting(row), source: left.span.extracting(row))
        if !rowSums.sumSquaredError.isFinite {
          // The same NaN or infinity on both sides is no difference.
          for index in row where !left[index].isFinite && !differs(left[index], right[index]) {
            (left[index], right[index]) = (0, 0)
          }
          rowSums = kernels.errorSums(
            decoded: right.span.extracting(row), source: left.span.extracting(row))
        }
        sums.add(rowSums)
        if firstDifference == nil, rowSums.maxAbs != 0 || !rowSums.sumSquaredError.isFinite {
          firstDifference = row.first { differs(left[$0], right[$0]) }
            .map { tile.lowerBound * shape.columns + $0 }
        }
      }
      monitor.advance(by: 8 * left.count)
    }
    try ConversionError.wrapping(readers.0.checkDigest(), as: ConversionError.model)
    try ConversionError.wrapping(readers.1.checkDigest(), as: ConversionError.model)
    if !sums.sumSquaredError.isFinite { sums.maxAbs = .infinity }
    // Rounding leaves far less noise than another order does; only then is it worth a second look.
    let isFar = !(sums.sumSquaredError <= sums.sumSquaredSource * 0.01)
    var isReordered = false
    if firstDifference != nil && isFar {
      let census = try ValueCensus(first, kernels, monitor)
      isReordered = try census == ValueCensus(second, kernels, monitor)
    }
    return TensorDifference.Comparison(
      shape: shape, sums: sums, firstDifference: firstDifference, isReordered: isReordered)
  }

  /// Whether both are the same bytes, read in pieces.
  private static func hasSameBytes(
    _ first: StoredTensor, _ second: StoredTensor, _ monitor: Monitor
  ) throws(ConversionError) -> Bool {
    guard first.isPlain, second.isPlain, first.byteRange.count == second.byteRange.count else {
      return false
    }
    let pieceByteCount = 1 << 20
    for start in stride(from: 0, to: first.byteRange.count, by: pieceByteCount) {
      if monitor.isCancelled { throw .cancelled }
      let count = min(pieceByteCount, first.byteRange.count - start)
      let piece = try ConversionError.wrapping(
        first.file.read(at: first.byteRange.lowerBound + start, count: count))
      let other = try ConversionError.wrapping(
        second.file.read(at: second.byteRange.lowerBound + start, count: count))
      guard piece == other else { return false }
      monitor.advance(by: 2 * count)
    }
    if monitor.isCancelled { throw .cancelled }
    return true
  }

  private static func differs(_ left: Float, _ right: Float) -> Bool {
    left != right && !(left.isNaN && right.isNaN)
  }
}
