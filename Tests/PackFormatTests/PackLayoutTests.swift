import HuginnModel
import PackFormat
import Quantization
import Tensors
import TestSupport
import Testing

struct PackLayoutTests {
  private static let recipes = [
    Recipe(weights: .f32), Recipe(weights: .f16), Recipe(weights: .int8),
    Recipe(weights: .int8Row, stages: [.core: .bf16, .embedding: .int8]),
  ]

  @Test(arguments: recipes)
  func `units start on 16384, planes on 64, and files end on 16384`(recipe: Recipe) throws {
    let layout = try PackLayout(try Fixtures.nanoConfig(), recipe)
    #expect(layout.segments.map(\.stage) == Stage.allCases)
    for segment in layout.segments {
      #expect(segment.byteCount.isMultiple(of: 16384))
      var end = SegmentHeader.byteCount
      for tensor in segment.tensors {
        for (index, plane) in tensor.planes.enumerated() {
          let alignment = index == 0 && tensor.tensor.beginsUnit ? 16384 : 64
          #expect(plane.byteOffset.isMultiple(of: alignment))
          // The smallest such offset: there are no other gaps.
          #expect((0..<alignment).contains(plane.byteOffset - end))
          end = plane.byteRange.upperBound
        }
      }
      #expect((0..<16384).contains(segment.byteCount - end))
    }
  }

  @Test(arguments: recipes)
  func `header, planes and gaps tile the segment`(recipe: Recipe) throws {
    for segment in try PackLayout(try Fixtures.nanoConfig(), recipe).segments {
      let ranges = (segment.tensors.flatMap(\.planes).map(\.byteRange) + segment.gaps)
        .sorted { $0.lowerBound < $1.lowerBound }
      var end = SegmentHeader.byteCount
      for range in ranges where !range.isEmpty {
        #expect(range.lowerBound == end)
        end = range.upperBound
      }
      #expect(end == segment.byteCount)
    }
  }

  @Test func `the core begins with the adapter, then its bias, then the layers`() throws {
    var config = try Fixtures.nanoConfig()
    config.hasBias = true
    let core = try PackLayout(config, Recipe(weights: .f32)).segments[2]
    #expect(core.tensors[0].tensor.name == "transformer.adapter.weight")
    #expect(core.tensors[1].tensor.name == "transformer.adapter.bias")
    #expect(core.tensors[1].planes[0].byteOffset == 16384 + 96 * 192 * 4)
    #expect(core.tensors[2].tensor.name == "transformer.core_block.0.norm_1.weight")
    #expect(core.tensors[2].planes[0].byteOffset.isMultiple(of: 16384))
  }

  @Test func `an untied head is a unit at the end of the coda`() throws {
    var config = try Fixtures.nanoConfig()
    config.tiesEmbeddings = false
    let coda = try PackLayout(config, Recipe(weights: .int8)).segments[3]
    #expect(coda.tensors.last?.tensor.name == "lm_head.weight")
    #expect(coda.tensors.last?.planes[0].byteOffset.isMultiple(of: 16384) == true)
  }

  @Test func `a group that does not tile a width names the tensor and the sizes that fit`() throws {
    let config = try Fixtures.nanoConfig()
    let error = #expect(throws: LayoutError.self) {
      try PackLayout(config, Recipe(weights: .int8Group(size: 64)))
    }
    #expect(
      error?.description
        == "tensor 'transformer.wte.weight': groups of 64 do not divide rows of 96 elements; "
        + "sizes that divide the rows of all tensors with this encoding are 32")
    let four = #expect(throws: LayoutError.self) {
      try PackLayout(config, Recipe(weights: .int4Group(size: 160)))
    }
    #expect(
      four
        == .groups(
          tensor: "transformer.wte.weight", size: 160, columns: 96, fitting: [32]))
  }

  @Test func `the release takes the bytes that its sizes give`() throws {
    let config = HuginnConfig.release
    let parameters = config.tensors.reduce(0) { $0 + $1.shape.elementCount }
    #expect(parameters == 3_564_976_800)
    let payload = { (recipe: Recipe) in
      try PackLayout(config, recipe).tensors.reduce(0) { $0 + $1.byteCount }
    }
    // `formats/pack.md` lists these.
    #expect(try payload(Recipe(weights: .f16)) == 7_130_471_040)
    #expect(try payload(Recipe(weights: .int8Row)) == 3_568_027_904)
    #expect(try payload(Recipe(weights: .int8)) == 3_788_547_840)
    #expect(try payload(Recipe(weights: .int4)) == 2_006_188_800)
    #expect(try payload(Recipe(weights: .int4Group(size: 160))) == 1_827_952_896)
  }
}

extension HuginnConfig {
  /// The sizes of Huginn-0125.
  static let release: HuginnConfig = {
    let text = """
      {"n_embd": 5280, "n_heads": 55, "intermediate_size": 17920, "vocab_size": 65536,
       "n_layers_in_prelude": 2, "n_layers_in_recurrent_block": 4, "n_layers_in_coda": 2}
      """
    guard let config = HuginnConfig.parse(Array(text.utf8)).config else {
      preconditionFailure("the sizes of the release are consistent")
    }
    return config
  }()
}
