public import Tensors

/// One array of a stored tensor.
public struct Plane: Equatable, Sendable {
  /// What the array holds.
  public enum Role: String, Sendable {
    case values, codes, scales
  }

  /// The type of an array's elements, spelled as in a manifest.
  public enum ElementType: String, Sendable {
    case f32 = "F32"
    case bf16 = "BF16"
    case f16 = "F16"
    case i8 = "I8"
    /// Two 4-bit codes in a byte (`Int4`).
    case u4 = "U4"

    /// The dtype of values or scales; nil of codes.
    public var dtype: DType? {
      switch self {
      case .f32: .f32
      case .bf16: .bf16
      case .f16: .f16
      case .i8, .u4: nil
      }
    }

    /// The bits of one element.
    public var bitsPerElement: Int {
      switch self {
      case .f32: 32
      case .bf16, .f16: 16
      case .i8: 8
      case .u4: 4
      }
    }
  }

  /// What it holds.
  public let role: Role
  /// The type of its elements.
  public let dtype: ElementType
  /// Its dimensions, row-major.
  public let shape: Shape
  /// Its size.
  public let byteCount: Int

  init(role: Role, dtype: ElementType, shape: Shape) throws(SizeError) {
    self.role = role
    self.dtype = dtype
    self.shape = shape
    guard let bits = shape.elementCount.multiplied(by: dtype.bitsPerElement) else {
      throw .overflow
    }
    // Rows of 4-bit codes are whole groups: no byte is shared.
    self.byteCount = bits / 8
  }
}
