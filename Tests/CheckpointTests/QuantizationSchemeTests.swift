import HuginnModel
import TestSupport
import Testing

@testable import Checkpoint

/// Quantized checkpoints are named, and what is left over of one is no error.
struct QuantizationSchemeTests {
  private func checkpoint(
    _ members: [String: String], _ change: (inout SmallCheckpoint.Tensor) -> Void = { _ in },
    adding suffixes: [String] = []
  ) throws -> Checkpoint {
    var text = ConfigText.smallest
    text.members.merge(members) { $1 }
    var small = try SmallCheckpoint(text)
    small.edit("transformer.adapter.weight", change)
    for suffix in suffixes {
      small.shards["model.safetensors"]?.append(
        .init(
          name: "transformer.adapter\(suffix)", dtype: "F32", shape: [1], bytes: [0, 0, 0, 0]))
    }
    return try small.open()
  }

  @Test(arguments: ["bitsandbytes", "gptq", "awq", "fp8", "compressed-tensors", "modelopt"])
  func `a left-over quantization_config over float weights is a warning`(method: String) throws {
    let left = try checkpoint(["quantization_config": #"{"quant_method":"\#(method)"}"#])
    #expect(left.findings == ["quantization-left-over quantization_config"])
    #expect(!left.diagnostics.containErrors && left.quantization == nil)
  }

  @Test(
    arguments: [
      (#"{"quant_method":"bitsandbytes"}"#, ".weight.absmax", "bitsandbytes"),
      (#"{"quant_method":"gptq"}"#, ".qweight", "gptq"),
      (#"{"quant_method":"fp8"}"#, ".weight_scale_inv", "fp8"),
      (#"{"group_size":64,"bits":4}"#, ".scales", "MLX"),
      (nil, ".qweight", "gptq or awq"), (nil, ".weight.SCB", "bitsandbytes"),
      (nil, ".scales", "MLX"),
    ] as [(String?, String, String)])
  func `a quantized checkpoint is named in one finding`(
    config: String?, suffix: String, name: String
  ) throws {
    let quantized = try checkpoint(
      config.map { ["quantization_config": $0] } ?? [:],
      { tensor in
        tensor.dtype = "U8"
        tensor.bytes = Array(tensor.bytes.prefix(tensor.bytes.count / 4))
      }, adding: [suffix])
    let errors = quantized.diagnostics.filter { $0.severity == .error }
    #expect(errors.map(\.code) == [.checkpointQuantized])
    #expect(errors.first?.found == name && quantized.quantization == name)
  }
}
