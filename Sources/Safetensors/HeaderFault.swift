public import FileAccess
public import StrictJSON
public import Tensors

/// The rule of the safetensors format that a file breaks (`formats/safetensors.md`).
public enum HeaderFault: DocumentError, LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read.
  case file(FileError)
  /// The content is another format's.
  case foreign(ForeignFormat)
  /// Shorter than the eight bytes of the header's length.
  case noLength(byteCount: Int)
  /// The header is longer than the limit.
  case headerTooLarge(length: UInt64, limit: Int)
  /// The file ends before its header does.
  case headerCut(length: Int, available: Int)
  /// The header does not begin with `{`.
  case noObject(found: UInt8?)
  /// The header is not JSON as the format allows it.
  case json(JSONError)
  /// The entry of a tensor is not as the format says.
  case entry(tensor: String, reason: JSONError)
  /// `__metadata__` is no object of strings.
  case metadata(reason: JSONError)
  /// A dtype that the format does not have.
  case unknownDType(tensor: String, found: String)
  /// `data_offsets` is no pair.
  case offsetCount(tensor: String)
  /// The tensor ends before it starts.
  case reversedOffsets(tensor: String, begin: UInt64, end: UInt64)
  /// The tensor ends beyond 2⁶³ − 1, where no file does.
  case offsetTooLarge(tensor: String, end: UInt64)
  /// The shape's size overflows, or ends inside a byte.
  case size(tensor: String, shape: [UInt64], dtype: DType, reason: SizeError)
  /// Shape and dtype need other than the bytes between the offsets.
  case byteCount(tensor: String, shape: Shape, dtype: DType, expected: Int, found: Int)
  /// Bytes that no tensor owns.
  case hole(tensor: String, expected: Int, found: Int)
  /// The tensor starts inside the one before it.
  case overlap(tensor: String, expected: Int, found: Int)
  /// The file ends before its tensors do.
  case dataCut(expected: Int, found: Int)
  /// The file goes on after its last tensor.
  case trailingData(expected: Int, found: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .foreign(let format):
      format.description
    case .noLength(let count):
      "the file has \(count) bytes, expected at least 8 for the header's length"
    case .headerTooLarge(let length, let limit):
      "the header's length at byte 0 is \(length), expected at most \(limit)"
    case .headerCut(let length, let available):
      "the header needs \(length) bytes at byte 8, but the file has only \(available) more: "
        + "it is truncated, or its download incomplete"
    case .noObject(let found?):
      "the header at byte 8 begins with byte 0x\(String(found, radix: 16)), expected '{'"
    case .noObject(nil):
      "the header at byte 8 is empty, expected '{'"
    case .json(let error):
      "in the header at byte 8, \(error)"
    case .entry(let tensor, let reason):
      "the entry of tensor \(tensor.quoted) is malformed: \(reason)"
    case .metadata(let reason):
      "'__metadata__' is not an object of strings: \(reason)"
    case .unknownDType(let tensor, let found):
      "tensor \(tensor.quoted) has dtype \(found.quoted), expected one of "
        + DType.allCases.map(\.rawValue).joined(separator: ", ")
    case .offsetCount(let tensor):
      "the 'data_offsets' of tensor \(tensor.quoted) are not a pair"
    case .reversedOffsets(let tensor, let begin, let end):
      "tensor \(tensor.quoted) begins at data byte \(begin), but ends before it, at \(end)"
    case .offsetTooLarge(let tensor, let end):
      "tensor \(tensor.quoted) ends at data byte \(end), beyond the end of any file"
    case .size(let tensor, let shape, let dtype, let reason):
      "tensor \(tensor.quoted) of shape \(Shape.text(of: shape)) in \(dtype.rawValue): \(reason)"
    case .byteCount(let tensor, let shape, let dtype, let expected, let found):
      "tensor \(tensor.quoted) of shape \(shape) in \(dtype.rawValue) needs \(expected) bytes, "
        + "but its offsets span \(found)"
    case .hole(let tensor, let expected, let found):
      "tensor \(tensor.quoted) begins at data byte \(found), expected \(expected): "
        + "the bytes between belong to no tensor"
    case .overlap(let tensor, let expected, let found):
      "tensor \(tensor.quoted) begins at data byte \(found), expected \(expected): "
        + "it overlaps the tensor before it"
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
