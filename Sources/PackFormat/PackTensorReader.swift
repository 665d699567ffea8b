public import FileAccess
import HuginnModel
import Kernels
import Quantization
import Tensors

/// Reads one tensor of a pack in runs of whole rows, decoded to binary32.
public struct PackTensorReader: Sendable {
  private let layout: TensorLayout
  private let file: InputFile
  private let kernels: KernelSet
  private var elements = ByteBuffer()
  private var scales = ByteBuffer()

  /// The stored bytes of the rows of a plane that were read last.
  public func plane(_ index: Int) -> ByteBuffer { index == 0 ? elements : scales }

  init(_ layout: TensorLayout, _ file: InputFile, _ kernels: KernelSet) {
    self.layout = layout
    self.file = file
    self.kernels = kernels
  }

  /// Fills `values` with the decoded elements of `rows`.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public mutating func read(
    _ rows: Range<Int>, into values: inout [Float]
  ) throws(FileError) {
    let columns = layout.tensor.shape.columns
    try Self.read(layout.byteRange(ofRows: rows, plane: 0), file, into: &elements)
    if layout.planes.count > 1 {
      try Self.read(layout.byteRange(ofRows: rows, plane: 1), file, into: &scales)
    }
    values.resize(to: rows.count * columns)
    var output = values.mutableSpan
    let matrix = StoredMatrix(
      layout.encoding.matrixScheme, rows: rows.count, columns: columns, elements: elements.bytes,
      scales: scales.bytes)
    kernels.decode(matrix, into: &output)
  }

  private static func read(
    _ range: Range<Int>, _ file: InputFile, into buffer: inout ByteBuffer
  ) throws(FileError) {
    buffer.resize(to: range.count)
    var span = buffer.mutableSpan
    try file.read(at: range.lowerBound, into: &span)
  }
}
