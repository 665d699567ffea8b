import HuginnModel
public import Quantization
import Tensors

/// What a pack takes for what it holds.
extension PackLayout {
  /// The elements of all tensors.
  public var parameterCount: Int { segments.reduce(0) { $0 + $1.parameterCount } }

  /// The bits of all segments for each parameter: headers, scales and alignment count.
  public var bitsPerWeight: Double { bits(of: byteCount, perParameterOf: parameterCount) }
}

extension SegmentLayout {
  /// The elements of its tensors.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.tensor.shape.elementCount } }

  /// The bits of the segment for each parameter in it: its header, scales and alignment count.
  public var bitsPerWeight: Double { bits(of: byteCount, perParameterOf: parameterCount) }

  /// The encodings of its matrices, in order of first use.
  public var matrixEncodings: [Encoding] {
    tensors.filter { $0.tensor.kind == .matrix }.map(\.encoding).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }
}

private func bits(of byteCount: Int, perParameterOf count: Int) -> Double {
  Double(byteCount) * 8 / Double(max(1, count))
}
