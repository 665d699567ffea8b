import HuginnModel
import Kernels
import PackFormat
import Quantization
import Tensors

/// A tensor of an export: its name and shape there, and what its bytes are.
struct ExportTensor: Sendable {
  /// What the bytes are.
  enum Content: Sendable {
    /// The values of a source tensor, rounded to a dtype.
    case values(of: String, as: Encoding)
    /// The values of a source tensor, quantized as ggml does.
    case blocks(of: String, as: BlockFormat)
    /// The codes and scales of a pack, as ggml's blocks.
    case regrouped(TensorLayout, as: BlockFormat)
    /// The codes of a pack, as they are stored.
    case codes(TensorLayout)
    /// The same in 32-bit words, where 8-bit codes have 128 added.
    case words(TensorLayout)
    /// The scales of a pack, in binary32.
    case scales(TensorLayout)
    /// Two 64-bit numbers: the shape of what was packed.
    case shape(rows: Int, columns: Int)
    /// The rotary table.
    case rotaryTable
  }

  let name: String
  let shape: Shape
  let content: Content

  /// The type of its elements; nil of blocks.
  var dtype: DType? {
    switch content {
    case .values(_, let encoding): encoding.valueDType
    case .blocks, .regrouped: nil
    case .codes: .i8
    case .words: .i32
    case .scales, .rotaryTable: .f32
    case .shape: .i64
    }
  }

  /// How its values are stored in blocks; nil otherwise.
  var blockFormat: BlockFormat? {
    switch content {
    case .blocks(_, let format), .regrouped(_, let format): format
    default: nil
    }
  }

  /// Its bytes; the sizes are those of a model, which are bounded.
  var byteCount: Int {
    if let blockFormat { return blockFormat.byteCount(ofElements: shape.elementCount) }
    return shape.elementCount * (dtype?.bitsPerElement ?? 0) / 8
  }
}

extension HuginnConfig {
  /// All tensors in the order of the reference's `state_dict`, the rotary table and a tied head
  /// apart.
  var stateDictTensors: [ModelTensor] {
    let members = [
      "norm_1.weight", "attn.qk_bias", "attn.Wqkv.weight", "attn.proj.weight", "norm_2.weight",
      "mlp.fc.weight", "mlp.proj.weight", "norm_3.weight", "norm_4.weight",
    ]
    func rank(_ tensor: ModelTensor) -> Int {
      members.firstIndex { tensor.name.hasSuffix(".\($0)") } ?? 0
    }
    return Stage.allCases.flatMap { stage in
      let tensors = tensors(of: stage)
      let layers = Set(tensors.compactMap(\.layer)).sorted()
      let inLayers = layers.flatMap { layer in
        tensors.filter { $0.layer == layer }.sorted { rank($0) < rank($1) }
      }
      let outside = tensors.filter { $0.layer == nil }
      // The adapter stands before the core's layers, norm and head after the coda's.
      return stage == .coda ? inLayers + outside : outside + inLayers
    }
  }
}
