/// A tensor as a header describes it: name, dtype and shape.
public struct TensorDescription: Equatable, Sendable {
  /// The full name, such as `transformer.core_block.0.attn.Wqkv.weight`.
  public let name: String
  /// The element type.
  public let dtype: DType
  /// The dimensions, outermost first.
  public let shape: Shape

  /// A description of one tensor.
  public init(name: String, dtype: DType, shape: Shape) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
  }
}
