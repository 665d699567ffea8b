public import FileAccess
import Tensors

/// The rule of GGUF that a file breaks (`formats/gguf.md`).
public enum GGUFFault: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read.
  case file(FileError)
  /// The first four bytes are not `GGUF`.
  case magic
  /// A version that is not read.
  case version(UInt32)
  /// The file was written on a big-endian machine.
  case bigEndian
  /// The file ends inside its header.
  case headerCut(byteOffset: Int, needed: UInt64, available: Int)
  /// The header is longer than the limit.
  case headerTooLarge(byteOffset: Int, limit: Int)
  /// A string is no UTF-8.
  case notUTF8(byteOffset: Int)
  /// A key is empty, too long, or not ASCII.
  case key(byteOffset: Int, byteCount: UInt64)
  /// A key stands twice.
  case duplicateKey(String)
  /// A kind of value that is not known here, so that what follows cannot be found.
  case valueKind(key: String, code: UInt32)
  /// A boolean that is neither 0 nor 1.
  case boolean(key: String, found: UInt8)
  /// Arrays stand too deep in arrays.
  case nesting(key: String)
  /// `general.alignment` is no power of two from 8 on.
  case alignment(found: GGUFValue)
  /// A tensor's name is empty or too long.
  case name(byteOffset: Int, byteCount: UInt64)
  /// A tensor stands twice.
  case duplicateTensor(String)
  /// More dimensions than the format has.
  case dimensionCount(tensor: String, found: UInt32)
  /// The size overflows.
  case size(tensor: String, shape: [UInt64])
  /// Rows that are no whole blocks.
  case blocks(tensor: String, type: GGUFTensorType, columns: Int)
  /// A tensor does not begin where the one before it ends.
  case offset(tensor: String, expected: Int, found: UInt64)
  /// A tensor after one whose size is not known begins at no multiple of the alignment, or before it.
  case offsetAfterUnknown(tensor: String, alignment: Int, least: Int, found: UInt64)
  /// The file ends before its tensors do.
  case dataCut(expected: Int, found: Int)
  /// The file goes on after its last tensor.
  case trailingData(expected: Int, found: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .magic:
      "the file does not begin with 'GGUF'"
    case .version(let version):
      "it is GGUF version \(version); 2 and 3 are what is known here"
    case .bigEndian:
      "it was written for big-endian machines; convert it with gguf's gguf_convert_endian.py"
    case .headerCut(let offset, let needed, let available):
      "the header needs \(needed) bytes at byte \(offset), but \(available) are there; "
        + "the download is incomplete or cut"
    case .headerTooLarge(let offset, let limit):
      "the header goes on at byte \(offset), beyond the \(limit) bytes allowed"
    case .notUTF8(let offset):
      "the string at byte \(offset) is no UTF-8"
    case .key(let offset, let count):
      "the key at byte \(offset) has \(count) bytes, expected from 1 to \(GGUFLimits.keyByteCount) of "
        + "ASCII"
    case .duplicateKey(let key):
      "the key \(key.quoted) stands twice"
    case .valueKind(let key, let code):
      "the value of \(key.quoted) is of kind \(code), which is not known here (0 to 12 are): it may "
        + "have any length, so nothing after it can be read"
    case .boolean(let key, let found):
      "a boolean of \(key.quoted) is \(found), expected 0 or 1"
    case .nesting(let key):
      "the arrays of \(key.quoted) are nested deeper than \(GGUFLimits.nesting)"
    case .alignment(let found):
      "'general.alignment' is \(found.text), expected a power of two from 8 on, as uint32"
    case .name(let offset, let count):
      "the tensor's name at byte \(offset) has \(count) bytes, expected from 1 to "
        + "\(GGUFLimits.nameByteCount)"
    case .duplicateTensor(let name):
      "tensor \(name.quoted) stands twice"
    case .dimensionCount(let tensor, let found):
      "tensor \(tensor.quoted) has \(found) dimensions, expected at most \(GGUFLimits.dimensionCount)"
    case .size(let tensor, let shape):
      "tensor \(tensor.quoted) of shape \(Shape.text(of: shape)) is larger than any file"
    case .blocks(let tensor, let type, let columns):
      "tensor \(tensor.quoted) has rows of \(columns) elements, which \(type)'s blocks of "
        + "\(type.block?.elementCount ?? 1) do not tile"
    case .offset(let tensor, let expected, let found):
      "tensor \(tensor.quoted) begins at data byte \(found), expected \(expected)"
    case .offsetAfterUnknown(let tensor, let alignment, let least, let found):
      "tensor \(tensor.quoted) begins at data byte \(found), expected a multiple of \(alignment) from "
        + "\(least) to \(GGUFLimits.dataByteCount)"
    case .dataCut(let expected, let found):
      "the file has \(found) bytes, its tensors end at byte \(expected); "
        + "the download is incomplete or cut"
    case .trailingData(let expected, let found):
      "the file has \(found) bytes, its tensors end at byte \(expected): "
        + "what follows belongs to no tensor"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    if case .file(let error) = self { error } else { nil }
  }
}
