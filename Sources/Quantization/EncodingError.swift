public import Tensors

/// Why values cannot be stored in an encoding.
public enum EncodingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A name that is not that of an encoding.
  case unknownEncoding(String)
  /// A group size that is not a positive multiple of 32.
  case groupSize(scheme: String, size: Int)
  /// Groups of this size do not tile the rows.
  case groupDoesNotDivide(size: Int, columns: Int)
  /// The sizes overflow.
  case size(SizeError)
  /// Values of the source that are NaN or infinite; the first of them.
  case nonFinite(value: Float, row: Int, column: Int)
  /// Values that become infinite in `encoding`.
  case overflow(encoding: Encoding, count: Int, largest: Float)
  /// Rows or groups whose scale, or what it decodes the extreme code to, becomes infinite.
  case scaleOverflow(encoding: Encoding, count: Int, largest: Float)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .unknownEncoding(let name):
      "\(name.quoted) is not an encoding; choose f32, bf16, f16, int8, int8:row, int8:N, int4 or "
        + "int4:N with N a multiple of 32"
    case .groupSize(let scheme, let size):
      "\(scheme):\(size) is not an encoding: a group size must be a positive multiple of 32"
    case .groupDoesNotDivide(let size, let columns):
      "groups of \(size) do not divide rows of \(columns) elements; \(Self.fitting(columns))"
    case .size(let error):
      error.description
    case .nonFinite(let value, let row, let column):
      "the value at row \(row), column \(column) is \(value), expected a finite number"
    case .overflow(let encoding, let count, let largest):
      "\(Self.become(count, "value")) infinite in \(encoding), the largest is \(largest); "
        + "choose \(encoding == .f16 ? "bf16 or int8" : "f32") for this tensor"
    case .scaleOverflow(let encoding, let count, let largest):
      "\(Self.become(count, "scale")) infinite in \(encoding), the largest value is \(largest); "
        + "choose \(encoding == .int8Row ? "f32" : "bf16 or f32") for this tensor"
    }
  }

  private static func become(_ count: Int, _ noun: String) -> String {
    count.counted(noun) + (count == 1 ? " becomes" : " become")
  }

  private static func fitting(_ columns: Int) -> String {
    let sizes = Encoding.groupSizes(tiling: [columns])
    return sizes.isEmpty
      ? "choose int8:row, for no group size divides them"
      : "sizes that divide them are " + sizes.map { String($0) }.joined(separator: ", ")
  }
}
