import HuginnModel
import Testing

struct DiagnosticTests {
  @Test(
    arguments: [
      ("transformer.wte.weight", Stage.embedding, nil), ("lm_head.weight", .coda, nil),
      ("transformer.ln_f.weight", .coda, nil), ("transformer.adapter.weight", .core, nil),
      ("transformer.adapter.bias", .core, nil),
      ("transformer.prelude.0.norm_1.weight", .prelude, 0),
      ("transformer.core_block.3.attn.Wqkv.weight", .core, 3),
      ("transformer.coda.12.mlp.fc.weight", .coda, 12), ("transformer.coda.1", .coda, 1),
      ("transformer.prelude.01.norm_1.weight", .prelude, nil),
      ("transformer.prelude.+1.norm_1.weight", .prelude, nil),
      ("transformer.prelude.-1.norm_1.weight", .prelude, nil),
      ("transformer.prelude.x.norm_1.weight", .prelude, nil),
      ("transformer.prelude.99999999999999999999.x", .prelude, nil),
      ("freqs_cis", nil, nil), ("transformer.preludes.0.x", nil, nil), ("config.json", nil, nil),
      ("", nil, nil),
    ] as [(String, Stage?, Int?)])
  func `stage and layer follow from a tensor's name`(name: String, stage: Stage?, layer: Int?) {
    let diagnostic = Diagnostic(.tensorMissing, subject: name, hint: "")
    #expect(diagnostic.stage == stage)
    #expect(diagnostic.layer == layer)
  }

  @Test func `the severity is the code's`() {
    #expect(Diagnostic(.headEqual, subject: "x", hint: "").severity == .information)
    #expect(Diagnostic(.headDifferent, subject: "x", hint: "").severity == .error)
  }

  @Test func `a code is words joined by hyphens`() {
    for code in DiagnosticCode.allCases {
      #expect(code.rawValue.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(code)")
    }
  }
}
