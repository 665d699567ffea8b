public import Quantization

/// A Swift type that planes are viewed as.
public protocol PlaneElement: BitwiseCopyable {
  /// The types of planes whose elements have this type's bits.
  static var dtypes: [Plane.ElementType] { get }
}

extension Float: PlaneElement {
  /// F32.
  public static var dtypes: [Plane.ElementType] { [.f32] }
}

extension UInt16: PlaneElement {
  /// The bits of F16 and BF16.
  public static var dtypes: [Plane.ElementType] { [.f16, .bf16] }
}

extension Int8: PlaneElement {
  /// I8.
  public static var dtypes: [Plane.ElementType] { [.i8] }
}

/// Two neighbouring 4-bit codes of a row, in a byte.
public struct CodePair: PlaneElement {
  /// U4.
  public static var dtypes: [Plane.ElementType] { [.u4] }

  private let bits: UInt8

  /// The code of the even column, −8…7.
  public var even: Int8 { Int8(bits & 15) - 8 }
  /// The code of the odd column after it.
  public var odd: Int8 { Int8(bits >> 4) - 8 }
}
