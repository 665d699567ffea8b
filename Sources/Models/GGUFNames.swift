public import HuginnModel

/// The names that the model's tensors have in GGUF (`formats/gguf.md`).
///
/// Layers are numbered through the stages, prelude first; the counts of the stages tell where each
/// begins.
extension HuginnConfig {
  /// The name of a tensor in GGUF.
  public func ggufName(of tensor: ModelTensor) -> String {
    guard let layer = tensor.layer else { return Self.ggufNames[tensor.name] ?? tensor.name }
    let stages = Stage.allCases.prefix { $0 != tensor.stage }
    let number = stages.reduce(layer) { $0 + layerCount(of: $1) }
    let member = tensor.name.dropFirst("\(tensor.stage.layerPrefix ?? "")\(layer).".count)
    return "blk.\(number).\(Self.ggufMembers[String(member)] ?? String(member))"
  }

  /// The model's tensors by their names in GGUF.
  var tensorsByGGUFName: [String: ModelTensor] {
    Dictionary(tensors.map { (ggufName(of: $0), $0) }) { first, _ in first }
  }

  /// Tensors outside layers.
  private static let ggufNames = [
    embeddingName: "token_embd.weight",
    "transformer.adapter.weight": "core_adapter.weight",
    "transformer.adapter.bias": "core_adapter.bias",
    "transformer.ln_f.weight": "output_norm.weight",
    headName: "output.weight",
  ]

  /// Tensors of a layer, in the words of other architectures where one is the same.
  private static let ggufMembers = [
    "norm_1.weight": "attn_norm.weight",
    "attn.qk_bias": "attn_qk.bias",
    "attn.Wqkv.weight": "attn_qkv.weight",
    "attn.proj.weight": "attn_output.weight",
    "norm_2.weight": "post_attention_norm.weight",
    "norm_3.weight": "ffn_norm.weight",
    "mlp.fc.weight": "ffn_up.weight",
    "mlp.proj.weight": "ffn_down.weight",
    "norm_4.weight": "post_ffw_norm.weight",
  ]
}
