import Checkpoint
import FileAccess
import HuginnModel
import Kernels
import PackFormat
import Quantization
import Tensors

/// The weights of a model where they lie: a mapped pack, or the mapped shards of a checkpoint.
///
/// Kernels take rows at any alignment, so nothing is copied, and pages are read when they are
/// touched.
struct WeightSource: Sendable {
  private let tensors: [String: Place]

  /// Where a tensor is.
  private enum Place: Sendable {
    case pack(MappedPack, TensorLayout)
    case shard(MappedShard, Range<Int>, TensorDescription)
  }

  /// A mapped pack that its tensors share.
  private final class MappedPack: Sendable {
    let pack: Pack
    init(_ pack: consuming Pack) { self.pack = pack }
  }

  /// A mapped shard that its tensors share.
  private final class MappedShard: Sendable {
    let file: MappedFile
    init(path: String) throws(FileError) { file = try MappedFile(path: path) }
  }

  /// The weights of a pack.
  init(_ pack: consuming Pack) {
    let mapped = MappedPack(pack)
    tensors = Dictionary(
      uniqueKeysWithValues: mapped.pack.manifest.layout.tensors.map {
        ($0.tensor.name, .pack(mapped, $0))
      })
  }

  /// The weights of a checkpoint without errors.
  init(_ checkpoint: Checkpoint) throws(FileError) {
    var shards: [MappedShard] = []
    for shard in checkpoint.shards {
      shards.append(try MappedShard(path: checkpoint.location.path(of: shard.name)))
    }
    for tensor in checkpoint.tensors.values {
      // Mapped anew: a shard may have been cut since it was checked.
      let available = shards[tensor.shard].file.byteCount
      guard tensor.byteRange.upperBound <= available else {
        throw .ended(
          path: shards[tensor.shard].file.path, byteOffset: tensor.byteRange.lowerBound,
          needed: tensor.byteRange.count, available: max(0, available - tensor.byteRange.lowerBound)
        )
      }
    }
    tensors = checkpoint.tensors.mapValues {
      .shard(shards[$0.shard], $0.byteRange, $0.description)
    }
  }

  /// The weights of one source, and of another those tensors that are named.
  init(_ base: WeightSource, taking names: Set<String>, from other: WeightSource) {
    tensors = base.tensors.merging(other.tensors.filter { names.contains($0.key) }) { $1 }
  }

  /// Looks at a tensor as a matrix; a vector is one row.
  func withMatrix<Value>(_ name: String, _ body: (StoredMatrix) -> Value) -> Value {
    switch tensors[name] {
    case .pack(let mapped, let layout)?: Self.withMatrix(layout, in: mapped.pack, body)
    case .shard(let mapped, let range, let description)?:
      Self.withMatrix(description, at: range, in: mapped.file, body)
    case nil: preconditionFailure("the layout has been checked: \(name) is there")
    }
  }

  private static func withMatrix<Value>(
    _ tensor: TensorDescription, at range: Range<Int>, in file: borrowing MappedFile,
    _ body: (StoredMatrix) -> Value
  ) -> Value {
    let scheme: MatrixScheme =
      switch tensor.dtype {
      case .f16: .f16
      case .bf16: .bf16
      default: .f32
      }
    let bytes = file.bytes
    return body(
      StoredMatrix(
        scheme, rows: tensor.shape.rows, columns: tensor.shape.columns,
        elements: bytes.extracting(range), scales: bytes.extracting(0..<0)))
  }

  private static func withMatrix<Value>(
    _ layout: TensorLayout, in pack: borrowing Pack, _ body: (StoredMatrix) -> Value
  ) -> Value {
    let bytes = pack.segment(layout.tensor.stage).bytes
    let scales =
      layout.planes.count > 1 ? layout.planes[1].byteRange : 0..<0
    return body(
      StoredMatrix(
        layout.encoding.matrixScheme, rows: layout.tensor.shape.rows,
        columns: layout.tensor.shape.columns,
        elements: bytes.extracting(layout.planes[0].byteRange),
        scales: bytes.extracting(scales)))
  }
}
