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
  /// A value of an unknown type, so that what follows cannot be found.
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
      "the GGUF version is \(version), expected 2 or 3"
    case .bigEndian:
      "the file is big-endian; convert it with gguf's gguf_convert_endian.py"
    case .headerCut(let offset, let needed, let available):
      "the header needs \(needed) bytes at byte \(offset), but the file has only \(available) more: "
        + "it is truncated, or its download incomplete"
    case .headerTooLarge(let offset, let limit):
      "the header goes on at byte \(offset), expected at most \(limit) bytes"
    case .notUTF8(let offset):
      "the string at byte \(offset) is not UTF-8"
    case .key(let offset, let count):
      "the key at byte \(offset) has \(count) bytes, expected 1 to \(GGUFLimits.keyByteCount) bytes "
        + "of ASCII"
    case .duplicateKey(let key):
      "the key \(key.quoted) occurs twice"
    case .valueKind(let key, let code):
      "the value of \(key.quoted) has type \(code), expected 0 to 12: its length is unknown, so "
        + "nothing after it can be read"
    case .boolean(let key, let found):
      "a boolean of \(key.quoted) is \(found), expected 0 or 1"
    case .nesting(let key):
      "the arrays of \(key.quoted) nest deeper than \(GGUFLimits.nesting) levels"
    case .alignment(let found):
      "'general.alignment' is \(found.text), expected a power of two, at least 8, as uint32"
    case .name(let offset, let count):
      "the tensor's name at byte \(offset) has \(count) bytes, expected 1 to "
        + "\(GGUFLimits.nameByteCount)"
    case .duplicateTensor(let name):
      "tensor \(name.quoted) occurs twice"
    case .dimensionCount(let tensor, let found):
      "tensor \(tensor.quoted) has \(found) dimensions, expected at most \(GGUFLimits.dimensionCount)"
    case .size(let tensor, let shape):
      "tensor \(tensor.quoted) of shape \(Shape.text(of: shape)) is larger than any file can be"
    case .blocks(let tensor, let type, let columns):
      "tensor \(tensor.quoted) has rows of \(columns) elements, expected a multiple of "
        + "\(type.block?.elementCount ?? 1), the block size of \(type)"
    case .offset(let tensor, let expected, let found):
      "tensor \(tensor.quoted) begins at data byte \(found), expected \(expected)"
    case .offsetAfterUnknown(let tensor, let alignment, let least, let found):
      "tensor \(tensor.quoted) begins at data byte \(found), expected a multiple of \(alignment) between "
        + "\(least) and \(GGUFLimits.dataByteCount)"
    case .dataCut(let expected, let found):
      "the file has \(found) bytes, but its tensors end at byte \(expected): "
        + "it is truncated, or its download incomplete"
    case .trailingData(let expected, let found):
      "the file has \(found) bytes, but its tensors end at byte \(expected): "
        + "the rest belongs to no tensor"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    if case .file(let error) = self { error } else { nil }
  }
}
