import FileAccess
import Kernels
import Safetensors
public import Tensors

/// Reads one tensor of a checkpoint in runs of elements, widened to binary32.
///
/// One buffer is kept and reused; no more than the run that is asked for is in memory.
public struct TensorReader: Sendable {
  /// Name, dtype and shape; the dtype is F32, F16 or BF16.
  public let tensor: TensorDescription
  private let file: InputFile
  private let byteOffset: Int
  private var halves: [UInt16] = []  // bits of F16 and BF16 before widening

  /// A reader for a tensor of a dtype that is converted.
  public init(_ tensor: Checkpoint.Tensor, of checkpoint: Checkpoint) {
    self.tensor = tensor.description
    self.file = checkpoint.shards[tensor.shard].safetensors.file
    self.byteOffset = tensor.byteRange.lowerBound
  }

  /// Fills `values` with the elements in `range`.
  ///
  /// - Parameters:
  ///   - range: elements in row-major order.
  ///   - values: resized to the range.
  /// - Throws: ``CheckpointError/file(_:)``.
  public mutating func read(
    _ range: Range<Int>, into values: inout [Float]
  ) throws(CheckpointError) {
    do throws(FileError) {
      try fill(&values, from: range)
    } catch {
      throw .file(error)
    }
  }

  private mutating func fill(_ values: inout [Float], from range: Range<Int>) throws(FileError) {
    values.resize(to: range.count)
    var span = values.mutableSpan
    if tensor.dtype == .f32 {
      try file.read(at: byteOffset + 4 * range.lowerBound, into: &span)
      return
    }
    halves.resize(to: range.count)
    let (file, start) = (file, byteOffset + 2 * range.lowerBound)
    var bits = halves.mutableSpan
    try file.read(at: start, into: &bits)
    switch tensor.dtype {
    case .f16: widenF16(halves.span, into: &span)
    case .bf16: widenBF16(halves.span, into: &span)
    default: preconditionFailure("\(tensor.dtype) is not converted")
    }
  }
}
