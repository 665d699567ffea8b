public import FileAccess
import Tensors

/// An open GGUF file whose header has been checked.
public struct GGUFFile: Sendable {
  /// The file, for positioned reads.
  public let file: InputFile
  /// The metadata and tensors.
  public let header: GGUFHeader

  /// Opens a file and reads its header, which is all that is read.
  ///
  /// - Throws: ``GGUFError``.
  public init(path: String) throws(GGUFError) {
    file = try GGUFError.wrapping(InputFile(path: path))
    do throws(GGUFFault) {
      var cursor = GGUFCursor(file)
      header = try GGUFHeader(&cursor)
      let end = header.tensors.isEmpty ? 0 : header.dataOffset.adding(header.dataByteCount) ?? .max
      guard end <= file.byteCount else {
        throw .dataCut(expected: end, found: file.byteCount)
      }
      // Writers pad the last tensor like the others, or end with it.
      let padded = max(end, header.dataOffset).roundedUp(toMultipleOf: header.alignment) ?? .max
      let isEndKnown = header.tensors.last.map { $0.byteCount != nil } ?? true
      guard file.byteCount <= padded || !isEndKnown else {
        throw .trailingData(expected: end, found: file.byteCount)
      }
    } catch {
      throw GGUFError(error, in: path)
    }
  }

  /// Where a tensor's bytes are in the file; empty where it is not known how many they are.
  public func byteRange(of tensor: GGUFHeader.Tensor) -> Range<Int> {
    // The header was compared with the file's length.
    let start = header.dataOffset + tensor.byteOffset
    return start..<start + (tensor.byteCount ?? 0)
  }
}
