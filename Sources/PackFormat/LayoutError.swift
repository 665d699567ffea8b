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
      "tensor \(tensor.quoted): int8:\(size) does not tile rows of \(columns); "
        + (fitting.isEmpty
          ? "no group size tiles all tensors with this encoding, choose int8:row"
          : "sizes that fit all tensors with this encoding are "
            + fitting.map { String($0) }.joined(separator: ", "))
    case .encoding(let tensor, let error): "tensor \(tensor.quoted): \(error)"
    case .overflow(let stage): "the size of the \(stage.rawValue) segment overflows 64 bits"
    }
  }
}
