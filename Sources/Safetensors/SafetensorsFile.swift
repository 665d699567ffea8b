public import FileAccess
import Tensors

/// An open safetensors file whose header has been checked.
public struct SafetensorsFile: Sendable {
  /// The file, for positioned reads.
  public let file: InputFile
  /// The tensors and metadata.
  public let header: SafetensorsHeader
  /// Where the data section begins in the file.
  public let dataOffset: Int

  /// Opens a file and reads its header, which is all that is read.
  ///
  /// - Throws: ``SafetensorsError``.
  public init(path: String) throws(SafetensorsError) {
    let file = try SafetensorsError.wrapping(InputFile(path: path))
    try self.init(file)
  }

  /// Reads the header of an open file.
  public init(_ file: InputFile) throws(SafetensorsError) {
    do throws(HeaderFault) {
      (header, dataOffset) = try Self.readHeader(of: file)
    } catch {
      // Only what is no safetensors file is looked at for what else it may be.
      let start = (try? file.read(at: 0, count: min(file.byteCount, ForeignFormat.prefixByteCount)))
      let foreign = ForeignFormat(startingWith: start ?? [])
      throw SafetensorsError(foreign.map { .foreign($0) } ?? error, in: file.path)
    }
    self.file = file
  }

  private static func readHeader(
    of file: InputFile
  ) throws(HeaderFault) -> (SafetensorsHeader, dataOffset: Int) {
    guard file.byteCount >= 8 else { throw .noLength(byteCount: file.byteCount) }
    let length = UInt64(littleEndianBytes: try read(file, at: 0, count: 8))
    guard length <= UInt64(SafetensorsLimits.headerByteCount) else {
      throw .headerTooLarge(length: length, limit: SafetensorsLimits.headerByteCount)
    }
    let count = Int(length)
    guard count <= file.byteCount - 8 else {
      throw .headerCut(length: count, available: file.byteCount - 8)
    }
    let header = try SafetensorsHeader(parsing: try read(file, at: 8, count: count))
    let end = (8 + count).adding(header.dataByteCount) ?? Int.max
    if end > file.byteCount { throw .dataCut(expected: end, found: file.byteCount) }
    if end < file.byteCount { throw .trailingData(expected: end, found: file.byteCount) }
    return (header, 8 + count)
  }

  private static func read(
    _ file: InputFile, at offset: Int, count: Int
  ) throws(HeaderFault) -> [UInt8] {
    try HeaderFault.wrapping(file.read(at: offset, count: count))
  }
}
