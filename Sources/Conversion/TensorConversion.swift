import Checkpoint
import FileAccess
import HuginnModel
import Integrity
public import PackFormat
import Parallelism
public import Quantization
import Tensors

/// What converting one tensor gave.
public struct TensorOutcome: Sendable {
  /// The tensor and its place.
  public let layout: TensorLayout
  /// What encoding did to it.
  public let statistics: EncodingStatistics
  let record: Manifest.TensorRecord
}

extension ConversionPlan {
  /// Encodes one tensor tile by tile: shard → tile → codes → segment.
  ///
  /// In memory are one tile, and the scales of the tensor, which follow its codes in the digest.
  ///
  /// - Parameters:
  ///   - layout: the tensor and its place.
  ///   - segments: where the planes are written; nil to derive the record alone.
  ///   - monitor: told of the bytes read.
  /// - Returns: the record, and what encoding did.
  /// - Throws: ``ConversionError``.
  func convert(
    _ layout: TensorLayout, into segments: SegmentFiles?, monitor: Monitor
  ) throws(ConversionError) -> TensorOutcome {
    let name = layout.tensor.name
    guard let source = checkpoint.tensors[name], let primary = layout.planes.first else {
      preconditionFailure("the plan has checked that every tensor is there")
    }
    let shape = layout.tensor.shape
    let bytesPerElement = source.description.dtype.bitsPerElement / 8
    var reader = TensorReader(source, of: checkpoint)
    var encoder = RowEncoder(layout.encoding, columns: shape.columns)
    var hasher = SHA256Hasher()
    var values: [Float] = []
    var scales: [UInt8] = []
    var offset = primary.byteOffset
    for tile in shape.tiles() {
      if monitor.isCancelled { throw .cancelled }
      do throws(CheckpointError) { try reader.read(tile, into: &values) } catch {
        throw ConversionError(error)
      }
      do throws(EncodingError) { try encoder.encode(values.span) } catch {
        throw valuesError(error, source)
      }
      hasher.update(encoder.primary)
      try write(encoder.primary, to: segments, of: layout, at: offset)
      offset += encoder.primary.byteCount
      encoder.scales.append(to: &scales)
      monitor.advance(by: tile.count * bytesPerElement)
    }
    do throws(EncodingError) { try encoder.finish() } catch { throw valuesError(error, source) }
    if layout.planes.count > 1 {
      hasher.update(scales.span.rawBytes)
      try write(scales.span.rawBytes, to: segments, of: layout, at: layout.planes[1].byteOffset)
    }
    let record = Manifest.TensorRecord(
      sha256: hasher.finalized(), sourceDType: source.description.dtype,
      error: encoder.statistics.isExact ? nil : encoder.statistics.error)
    return TensorOutcome(layout: layout, statistics: encoder.statistics, record: record)
  }

  private func write(
    _ bytes: RawSpan, to segments: SegmentFiles?, of layout: TensorLayout, at offset: Int
  ) throws(ConversionError) {
    do throws(FileError) {
      try segments?.write(bytes, to: layout.tensor.stage, at: offset)
    } catch {
      throw .file(error)
    }
  }

  private func valuesError(
    _ error: EncodingError, _ source: Checkpoint.Tensor
  ) -> ConversionError {
    var byteOffset: Int?
    if case .nonFinite(_, let row, let column) = error {
      let description = source.description
      byteOffset =
        source.byteRange.lowerBound
        + (row * description.shape.columns + column) * description.dtype.bitsPerElement / 8
    }
    return .values(
      tensor: source.description.name, file: checkpoint.shards[source.shard].name,
      byteOffset: byteOffset, error)
  }
}
