public import Kernels
public import Tensors

/// How a tensor's values are stored: a scheme with its parameters.
public enum Encoding: Hashable, Sendable, CustomStringConvertible {
  /// The value in binary32.
  case f32
  /// The value rounded to bfloat16.
  case bf16
  /// The value rounded to binary16.
  case f16
  /// 8-bit codes with one F32 scale a row.
  case int8Row
  /// 8-bit codes with one F16 scale for each group of `groupSize` consecutive inputs of a row.
  case int8Group(size: Int)
  /// 4-bit codes with one F16 scale for each group of `groupSize` consecutive inputs of a row.
  case int4Group(size: Int)

  /// What `int8` means: groups of 32.
  public static let int8 = Encoding.int8Group(size: 32)
  /// What `int4` means: groups of 32.
  public static let int4 = Encoding.int4Group(size: 32)
  /// Group sizes are multiples of this.
  public static let groupSizeUnit = 32

  /// An encoding from its name: `f32`, `bf16`, `f16`, `int8`, `int8:row`, `int8:N`, `int4`, `int4:N`.
  ///
  /// - Throws: ``EncodingError/unknownEncoding(_:)``, ``EncodingError/groupSize(scheme:size:)``.
  public init(_ text: String) throws(EncodingError) {
    switch text {
    case "f32": self = .f32
    case "bf16": self = .bf16
    case "f16": self = .f16
    case "int8": self = .int8
    case "int8:row": self = .int8Row
    case "int4": self = .int4
    default:
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let size = Int(parts[1]), String(size) == parts[1],
        let scheme = ["int8", "int4"].first(where: { $0 == parts[0] })
      else { throw .unknownEncoding(text) }
      guard size > 0, size.isMultiple(of: Self.groupSizeUnit) else {
        throw .groupSize(scheme: scheme, size: size)
      }
      self = scheme == "int4" ? .int4Group(size: size) : .int8Group(size: size)
    }
  }

  /// The normalised name: `int8` reads `int8:32`.
  public var description: String {
    switch self {
    case .f32: "f32"
    case .bf16: "bf16"
    case .f16: "f16"
    case .int8Row: "int8:row"
    case .int8Group(let size): "int8:\(size)"
    case .int4Group(let size): "int4:\(size)"
    }
  }

  /// The arrays that store a tensor of `shape`, in file order.
  ///
  /// - Throws: ``EncodingError/groupDoesNotDivide(size:columns:)``, ``EncodingError/size(_:)``.
  public func planes(for shape: Shape) throws(EncodingError) -> [Plane] {
    if let size = groupSize, !shape.columns.isMultiple(of: size) {
      throw .groupDoesNotDivide(size: size, columns: shape.columns)
    }
    do throws(SizeError) {
      switch self {
      case .f32: return [try Plane(role: .values, dtype: .f32, shape: shape)]
      case .bf16: return [try Plane(role: .values, dtype: .bf16, shape: shape)]
      case .f16: return [try Plane(role: .values, dtype: .f16, shape: shape)]
      case .int8Row:
        return [
          try Plane(role: .codes, dtype: .i8, shape: shape),
          try Plane(role: .scales, dtype: .f32, shape: Shape(shape.rows)),
        ]
      case .int8Group(let size), .int4Group(let size):
        let groups = Shape(shape.rows, shape.columns / size)
        return [
          try Plane(role: .codes, dtype: bitsPerCode == 4 ? .u4 : .i8, shape: shape),
          try Plane(role: .scales, dtype: .f16, shape: groups),
        ]
      }
    } catch {
      throw .size(error)
    }
  }

  /// How kernels name it.
  public var matrixScheme: MatrixScheme {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .int8Row: .int8Row
    case .int8Group(let size): .int8Groups(size: size)
    case .int4Group(let size): .int4Groups(size: size)
    }
  }

  /// The columns that share a scale; nil without groups.
  public var groupSize: Int? {
    switch self {
    case .int8Group(let size), .int4Group(let size): size
    case .f32, .bf16, .f16, .int8Row: nil
    }
  }

  /// The bits of a code; nil of an encoding without codes.
  public var bitsPerCode: Int? {
    switch self {
    case .int8Row, .int8Group: 8
    case .int4Group: 4
    case .f32, .bf16, .f16: nil
    }
  }

  /// The group sizes that tile rows of all these widths, ascending.
  public static func groupSizes(tiling widths: [Int]) -> [Int] {
    guard let narrowest = widths.min() else { return [] }
    return stride(from: groupSizeUnit, through: narrowest, by: groupSizeUnit).filter { size in
      widths.allSatisfy { $0.isMultiple(of: size) }
    }
  }
}
