import HuginnModel
import TestSupport
import Tensors
import Testing

struct MixedDTypeTests {
  private let config: HuginnConfig

  init() throws {
    config = try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config)
  }

  /// The findings where each tensor is stored in the dtype that it is given.
  private func findings(_ dtype: (ModelTensor) -> DType) -> [Diagnostic] {
    config.layoutDiagnostics(
      of: config.tensors.map {
        TensorDescription(name: $0.name, dtype: dtype($0), shape: $0.shape)
      })
  }

  private func finding(_ name: String, _ counts: String) -> Diagnostic {
    Diagnostic(
      .dtypeMixed, subject: name, expected: "matrices of one dtype", found: counts,
      hint: "shards of several saves may be mixed; each tensor is converted from its own dtype")
  }

  @Test func `the rarer dtype is reported, with the first matrix that has it`() {
    // 4 layers of 4 matrices, the adapter and the embedding.
    let findings = findings { $0.stage == .coda ? .bf16 : .f32 }
    #expect(
      findings == [finding("transformer.coda.0.attn.Wqkv.weight", "14 in F32, 4 in BF16")])
    #expect(findings.first?.severity == .warning)
  }

  @Test func `three dtypes are reported, the most frequent first`() {
    let findings = findings { tensor in
      switch tensor.stage {
      case .embedding: .f16
      case .core: .bf16
      case .prelude, .coda: .f32
      }
    }
    #expect(findings == [finding("transformer.wte.weight", "9 in BF16, 8 in F32, 1 in F16")])
  }

  @Test func `equal counts are reported the same way on every run`() {
    let findings = findings { tensor in
      tensor.stage == .core ? .f32 : .f16
    }
    #expect(
      findings == [finding("transformer.adapter.weight", "9 in F16, 9 in F32")])
  }

  @Test(arguments: [DType.bf16, .f16])
  func `vectors in F32 beside narrow matrices are normal`(dtype: DType) {
    #expect(findings { $0.kind == .matrix ? dtype : .f32 } == [])
    #expect(findings { $0.kind == .vector && $0.layer == 0 ? dtype : .f32 } == [])
  }

  @Test func `a stored copy may have a dtype of its own`() {
    let tensors = config.tensors.map {
      TensorDescription(name: $0.name, dtype: .bf16, shape: $0.shape)
    }
    let table = TensorDescription(name: "freqs_cis", dtype: .f32, shape: config.rotaryTableShape)
    #expect(config.layoutDiagnostics(of: tensors + [table]) == [])
  }
}
