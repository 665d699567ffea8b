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
}

/// Reads one tensor of a pack in runs of whole rows, decoded to binary32.
public struct PackTensorReader: Sendable {
  private let layout: TensorLayout
  private let file: InputFile
  private let kernels: KernelSet
  private var halves: [UInt16] = []  // bits of f16 and bf16
  private var codes: [Int8] = []  // [rows, columns]
  private var rowScales: [Float] = []  // [rows]
  private var groupScales: [UInt16] = []  // [rows, columns / groupSize]

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
    let range = rows.lowerBound * columns..<rows.upperBound * columns
    values.resize(to: range.count)
    var output = values.mutableSpan
    switch layout.encoding {
    case .f32:
      try file.read(at: offset(of: range.lowerBound, plane: 0), into: &output)
    case .bf16, .f16:
      try read(range, plane: 0, into: &halves)
      kernels.widen(
        halves.span.rawBytes, of: layout.encoding == .f16 ? .f16 : .bf16, into: &output)
    case .int8Row:
      try read(range, plane: 0, into: &codes)
      try read(rows, plane: 1, into: &rowScales)
      RowDecoder(kernels: kernels).decode(codes.span, rowScales: rowScales.span, into: &output)
    case .int8Group(let size):
      let groups = columns / size
      try read(range, plane: 0, into: &codes)
      try read(
        rows.lowerBound * groups..<rows.upperBound * groups, plane: 1, into: &groupScales)
      RowDecoder(kernels: kernels).decode(
        codes.span, groupScales: groupScales.span, into: &output)
    }
  }

  private func read<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ elements: Range<Int>, plane: Int, into buffer: inout [Element]
  ) throws(FileError) {
    buffer.resize(to: elements.count)
    var span = buffer.mutableSpan
    try file.read(at: offset(of: elements.lowerBound, plane: plane), into: &span)
  }

  private func offset(of element: Int, plane: Int) -> Int {
    let placed = layout.planes[plane]
    return placed.byteOffset + element * placed.plane.dtype.bitsPerElement / 8
  }
}
