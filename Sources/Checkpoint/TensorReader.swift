import FileAccess
public import Kernels
import Safetensors
public import Tensors

/// Reads one tensor of a checkpoint in runs of whole rows, as they lie in the file or widened to
/// binary32.
///
/// One buffer is kept and reused; no more than the run that is asked for is in memory.
public struct TensorReader: Sendable {
  /// Name, dtype and shape; the dtype is F32, F16 or BF16.
  public let tensor: TensorDescription
  private let file: InputFile
  private let byteOffset: Int
  private let kernels: KernelSet
  private var buffer = ByteBuffer()

  /// A reader for a tensor of a dtype that is converted.
  public init(
    _ tensor: Checkpoint.Tensor, of checkpoint: Checkpoint, kernels: KernelSet = .best
  ) {
    self.tensor = tensor.description
    self.file = checkpoint.shards[tensor.shard].safetensors.file
    self.byteOffset = tensor.byteRange.lowerBound
    self.kernels = kernels
  }

  /// The bytes of the rows that were read last.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get { buffer.bytes }
  }

  /// Reads rows as they lie in the file; ``bytes`` has them.
  ///
  /// - Throws: ``CheckpointError/file(_:)``.
  public mutating func read(_ rows: Range<Int>) throws(CheckpointError) {
    let rowByteCount = tensor.shape.columns * tensor.dtype.bitsPerElement / 8
    buffer.resize(to: rows.count * rowByteCount)
    let (file, start) = (file, byteOffset + rows.lowerBound * rowByteCount)
    do throws(FileError) {
      var span = buffer.mutableSpan
      try file.read(at: start, into: &span)
    } catch {
      throw .file(error)
    }
  }

  /// Reads rows and widens their elements into `values`, which is resized.
  ///
  /// - Throws: ``CheckpointError/file(_:)``.
  public mutating func read(
    _ rows: Range<Int>, into values: inout [Float]
  ) throws(CheckpointError) {
    try read(rows)
    values.resize(to: rows.count * tensor.shape.columns)
    var span = values.mutableSpan
    kernels.widen(buffer.bytes, of: tensor.dtype, into: &span)
  }
}
