public import HuginnModel
public import Quantization
import Tensors

/// Why a model and a recipe give no layout.
public enum LayoutError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Groups do not tile a tensor's rows; the sizes that tile all tensors with this encoding.
  case groups(tensor: String, size: Int, columns: Int, fitting: [Int])
  /// A tensor does not fit its encoding.
  case encoding(tensor: String, EncodingError)
  /// A segment's size overflows.
  case overflow(Stage)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .groups(let tensor, let size, let columns, let fitting):
      "tensor \(tensor.quoted): groups of \(size) do not divide rows of \(columns) elements; "
        + (fitting.isEmpty
          ? "choose int8:row, for no group size divides the rows of all tensors with this encoding"
          : "sizes that divide the rows of all tensors with this encoding are "
            + fitting.map { String($0) }.joined(separator: ", "))
    case .encoding(let tensor, let error): "tensor \(tensor.quoted): \(error)"
    case .overflow(let stage): "the size of the \(stage.rawValue) segment overflows 64 bits"
    }
  }
}
