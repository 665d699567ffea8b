import Tensors

/// A value of a file's metadata.
public enum GGUFValue: Equatable, Sendable {
  case uint8(UInt8)
  case int8(Int8)
  case uint16(UInt16)
  case int16(Int16)
  case uint32(UInt32)
  case int32(Int32)
  case float32(Float)
  case boolean(Bool)
  case string(String)
  case array(GGUFArray)
  case uint64(UInt64)
  case int64(Int64)
  case float64(Double)

  /// The number that precedes it.
  var kind: GGUFValueKind {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .boolean: .boolean
    case .string: .string
    case .array: .array
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    }
  }
}

/// Values of one kind.
public enum GGUFArray: Equatable, Sendable {
  case strings([String])
  case arrays([GGUFArray])
  /// Numbers and booleans as they lie in the file, little-endian.
  case scalars(GGUFValueKind, bytes: [UInt8])

  /// The number of elements.
  public var count: Int {
    switch self {
    case .strings(let strings): strings.count
    case .arrays(let arrays): arrays.count
    case .scalars(let kind, let bytes): bytes.count / max(1, kind.byteCount ?? 1)
    }
  }

  /// 32-bit numbers.
  public init(_ values: [Int32]) {
    self = .scalars(.int32, bytes: values.flatMap(\.littleEndianBytes))
  }
}

/// The kinds of values; `rawValue` is what a file has.
public enum GGUFValueKind: UInt32, Sendable {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case boolean = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The bytes of one; nil if they vary.
  var byteCount: Int? {
    switch self {
    case .uint8, .int8, .boolean: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

extension GGUFValue {
  /// The value for people: a number, a quoted string, an array's length.
  public var text: String {
    switch self {
    case .uint8(let value): String(value)
    case .int8(let value): String(value)
    case .uint16(let value): String(value)
    case .int16(let value): String(value)
    case .uint32(let value): String(value)
    case .int32(let value): String(value)
    case .uint64(let value): String(value)
    case .int64(let value): String(value)
    case .float32(let value): String(value)
    case .float64(let value): String(value)
    case .boolean(let value): String(value)
    case .string(let value): value.quoted
    case .array(let array): "\(array.count) values"
    }
  }
}
