public import FileAccess
import HuginnModel
import Integrity
public import Kernels
import Quantization
import Tensors

/// A pack that is open: its manifest, its segments and its sidecars, all of one directory, wherever
/// the path leads by then.
///
/// Tensors are read by positioned reads, without mapping them. Opening checks that the segments have
/// the lengths and the headers that the manifest gives them, and that the sidecars are those that were
/// copied; who reads a tensor whole can check its digest with ``fault(of:_:)``.
public struct PackReader: Sendable {
  /// The manifest of the pack.
  public let manifest: Manifest
  /// Where its files are.
  public let directory: OpenDirectory
  /// The bytes of `config.json`, read and checked at opening; nil where the pack has none, or one
  /// beyond its limit.
  package private(set) var config: [UInt8]?
  private let files: [Stage: InputFile]

  /// Opens a pack.
  ///
  /// - Throws: ``PackError``.
  public init(path: String) throws(PackError) {
    let directory = try OpenDirectory(ofPack: path)
    self = try directory.whileUnchanged { () throws(PackError) in try PackReader(directory) }
  }

  private init(_ directory: OpenDirectory) throws(PackError) {
    self.directory = directory
    manifest = try directory.manifest()
    var files: [Stage: InputFile] = [:]
    for segment in manifest.layout.segments {
      let file = try PackError.wrapping(directory.file(segment.fileName))
      guard file.byteCount == segment.byteCount else {
        throw .segmentLength(
          path: file.path, expected: segment.byteCount, found: file.byteCount)
      }
      try Self.checkHeader(of: file, segment, manifest.identity)
      files[segment.stage] = file
    }
    self.files = files
    config = try checkedSidecars()
  }

  private static func checkHeader(
    of file: InputFile, _ segment: SegmentLayout, _ identity: Digest
  ) throws(PackError) {
    let page = try PackError.wrapping(file.read(at: 0, count: SegmentHeader.byteCount))
    do throws(SegmentHeaderError) {
      try SegmentHeader(of: segment, identity: identity).check(page.span.rawBytes)
    } catch {
      throw .segmentHeader(path: file.path, error)
    }
  }

  // MARK: - Tensors

  /// A reader for one tensor.
  public func tensor(_ layout: TensorLayout, kernels: KernelSet = .best) -> PackTensorReader {
    PackTensorReader(layout, file(of: layout), kernels)
  }

  /// The bytes of some rows of one plane, as they are stored.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public func bytes(
    of layout: TensorLayout, plane index: Int, rows: Range<Int>
  ) throws(FileError) -> [UInt8] {
    let range = layout.byteRange(ofRows: rows, plane: index)
    return try file(of: layout).read(at: range.lowerBound, count: range.count)
  }

  /// Checks that nobody has written to its files since they were opened.
  ///
  /// - Throws: `FileError/changed(path:)`.
  public func checkUnchanged() throws(FileError) { try directory.checkFilesUnchanged() }

  /// The segment that a tensor is in.
  public func file(of layout: TensorLayout) -> InputFile { file(of: layout.tensor.stage) }

  /// The segment of a stage.
  func file(of stage: Stage) -> InputFile {
    guard let file = files[stage] else { preconditionFailure("every stage has a segment") }
    return file
  }
}

extension TensorLayout {
  /// Where some rows of a plane lie, which has as many bytes for each.
  func byteRange(ofRows rows: Range<Int>, plane index: Int) -> Range<Int> {
    let placed = planes[index]
    let row = tensor.shape.rows == 0 ? 0 : placed.plane.byteCount / tensor.shape.rows
    return placed.byteOffset + rows.lowerBound * row..<placed.byteOffset + rows.upperBound * row
  }
}
