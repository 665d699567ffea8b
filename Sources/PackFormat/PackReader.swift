public import FileAccess
import HuginnModel
public import Kernels
import Quantization
import Tensors

/// Reads the decoded values of a pack's tensors by positioned reads, without mapping it.
public struct PackReader: Sendable {
  /// What the pack says of itself.
  public let manifest: Manifest
  private let files: [Stage: InputFile]
  private let kernels: KernelSet

  /// Opens a pack whose segments have the lengths that its manifest gives them.
  ///
  /// - Throws: ``PackError``.
  public init(path: String, kernels: KernelSet = .best) throws(PackError) {
    self.kernels = kernels
    manifest = try Pack.readManifest(ofPack: path)
    var files: [Stage: InputFile] = [:]
    for segment in manifest.layout.segments {
      let name = Path.join(path, segment.fileName)
      let file: InputFile
      do throws(FileError) { file = try InputFile(path: name) } catch { throw .file(error) }
      guard file.byteCount == segment.byteCount else {
        throw .segmentLength(path: name, expected: segment.byteCount, found: file.byteCount)
      }
      files[segment.stage] = file
    }
    self.files = files
  }

  /// A reader for one tensor.
  public func tensor(_ layout: TensorLayout) -> PackTensorReader {
    guard let file = files[layout.tensor.stage] else {
      preconditionFailure("every stage has a segment")
    }
    return PackTensorReader(layout, file, kernels)
  }

  /// The bytes of some rows of one plane, as they are stored.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  public func bytes(
    of layout: TensorLayout, plane index: Int, rows: Range<Int>
  ) throws(FileError) -> [UInt8] {
    guard let file = files[layout.tensor.stage] else {
      preconditionFailure("every stage has a segment")
    }
    let placed = layout.planes[index]
    let row = placed.plane.byteCount / max(1, layout.tensor.shape.rows)
    return try file.read(
      at: placed.byteOffset + rows.lowerBound * row, count: rows.count * row)
  }
}

/// Reads one tensor of a pack in runs of whole rows, decoded to binary32.
public struct PackTensorReader: Sendable {
  private let layout: TensorLayout
  private let file: InputFile
  private let kernels: KernelSet
  private var elements = ByteBuffer()
  private var scales = ByteBuffer()

  init(_ layout: TensorLayout, _ file: InputFile, _ kernels: KernelSet) {
    self.layout = layout
    self.file = file
    self.kernels = kernels
  }

  /// Fills `values` with the decoded elements of `rows`.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  public mutating func read(
    _ rows: Range<Int>, into values: inout [Float]
  ) throws(FileError) {
    let columns = layout.tensor.shape.columns
    try Self.read(rows, of: layout.planes[0], rows: layout.tensor.shape.rows, file, into: &elements)
    if layout.planes.count > 1 {
      try Self.read(rows, of: layout.planes[1], rows: layout.tensor.shape.rows, file, into: &scales)
    }
    values.resize(to: rows.count * columns)
    var output = values.mutableSpan
    let matrix = StoredMatrix(
      layout.encoding.matrixScheme, rows: rows.count, columns: columns, elements: elements.bytes,
      scales: scales.bytes)
    kernels.decode(matrix, into: &output)
  }

  /// Reads the bytes of some rows of a plane that has as many bytes for each.
  private static func read(
    _ range: Range<Int>, of placed: PlacedPlane, rows: Int, _ file: InputFile,
    into buffer: inout ByteBuffer
  ) throws(FileError) {
    let row = rows == 0 ? 0 : placed.plane.byteCount / rows
    buffer.resize(to: range.count * row)
    var span = buffer.mutableSpan
    try file.read(at: placed.byteOffset + range.lowerBound * row, into: &span)
  }
}
