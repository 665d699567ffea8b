public import FileAccess
import HuginnModel
import Integrity
public import Kernels
import Quantization
import Tensors

/// Reads the decoded values of a pack's tensors by positioned reads, without mapping it.
public struct PackReader: Sendable {
  /// What the pack says of itself.
  public let manifest: Manifest
  private let files: [Stage: InputFile]

  /// Opens a pack whose segments have the lengths and the headers that its manifest gives them.
  ///
  /// - Throws: ``PackError``.
  public init(path: String) throws(PackError) {
    manifest = try Pack.readManifest(ofPack: path)
    var files: [Stage: InputFile] = [:]
    for segment in manifest.layout.segments {
      let name = Path.join(path, segment.fileName)
      let file: InputFile
      do throws(FileError) { file = try InputFile(path: name) } catch { throw .file(error) }
      guard file.byteCount == segment.byteCount else {
        throw .segmentLength(path: name, expected: segment.byteCount, found: file.byteCount)
      }
      try Self.checkHeader(of: file, segment, manifest.identity)
      files[segment.stage] = file
    }
    self.files = files
  }

  private static func checkHeader(
    of file: InputFile, _ segment: SegmentLayout, _ identity: Digest
  ) throws(PackError) {
    let page = try reaching { () throws(FileError) in
      try file.read(at: 0, count: SegmentHeader.byteCount)
    }
    do throws(SegmentHeaderError) {
      try SegmentHeader(stage: segment.stage, fileLength: segment.byteCount, identity: identity)
        .check(page.span.rawBytes)
    } catch {
      throw .segmentHeader(path: file.path, error)
    }
  }

  /// A reader for one tensor.
  public func tensor(_ layout: TensorLayout, kernels: KernelSet = .best) -> PackTensorReader {
    PackTensorReader(layout, file(of: layout), kernels)
  }

  /// The bytes of some rows of one plane, as they are stored.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  public func bytes(
    of layout: TensorLayout, plane index: Int, rows: Range<Int>
  ) throws(FileError) -> [UInt8] {
    let range = layout.byteRange(ofRows: rows, plane: index)
    return try file(of: layout).read(at: range.lowerBound, count: range.count)
  }

  /// Checks that nobody has written to the segments since they were opened.
  ///
  /// - Throws: `FileError/changed(path:)`.
  public func checkUnchanged() throws(FileError) {
    for file in files.values { try file.checkUnchanged() }
  }

  /// The segment that a tensor is in.
  public func file(of layout: TensorLayout) -> InputFile {
    guard let file = files[layout.tensor.stage] else {
      preconditionFailure("every stage has a segment")
    }
    return file
  }
}

extension TensorLayout {
  /// Where some rows of a plane lie, which has as many bytes for each.
  fileprivate func byteRange(ofRows rows: Range<Int>, plane index: Int) -> Range<Int> {
    let placed = planes[index]
    let row = tensor.shape.rows == 0 ? 0 : placed.plane.byteCount / tensor.shape.rows
    return placed.byteOffset + rows.lowerBound * row..<placed.byteOffset + rows.upperBound * row
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
