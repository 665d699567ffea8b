import GGUF
import HuginnModel
import StrictJSON
import TestSupport
import Testing

@testable import Models

/// `formats/gguf.md` says what the code does.
struct GGUFPageTests {
  private let page: String

  init() throws { page = try Fixtures.page("gguf.md") }

  private func rows(headed heading: String...) throws -> [[String]] {
    try #require(MarkdownTable.table(headed: heading, in: page)).rows
  }

  @Test func `the limits are those of the code`() throws {
    let limits = [
      "headerByteCount": GGUFLimits.headerByteCount, "keyByteCount": GGUFLimits.keyByteCount,
      "nameByteCount": GGUFLimits.nameByteCount, "dimensionCount": GGUFLimits.dimensionCount,
      "nesting": GGUFLimits.nesting, "dataByteCount": GGUFLimits.dataByteCount,
    ]
    let rows = try rows(headed: "limit", "value")
    #expect(rows.count == limits.count)
    for row in rows {
      let name = row[0].replacing("`", with: "")
      #expect(Int(row[1].replacing(",", with: "")) == limits[name], "\(name)")
    }
  }

  @Test func `the types are those that are read and written`() throws {
    let types = [GGUFTensorType.f32, .f16, .q4_0, .q8_0, .bf16]
    let rows = try rows(headed: "type", "number", "elements", "bytes", "content")
    #expect(
      rows.map { Array($0.prefix(4)) }
        == types.map {
          [
            "`\($0)`", "\($0.code)", "\($0.block?.elementCount ?? 0)",
            "\($0.block?.byteCount ?? 0)",
          ]
        })
  }

  @Test func `each tensor of the model has the name of the page`() throws {
    let rows = try rows(headed: "name", "reference", "shape, outermost first")
    let names = Dictionary(uniqueKeysWithValues: rows.map { ($0[1], $0[0]) })
    let text = ConfigText.smallest.setting("bias", "true").setting("tie_embeddings", "false")
    let config = try #require(HuginnConfig.parse(text.bytes).config)
    var used: Set<String> = []
    for tensor in config.tensors {
      let member = tensor.layer.map {
        String(tensor.name.dropFirst("\(tensor.stage.layerPrefix ?? "")\($0).".count))
      }
      let pattern = try #require(names["`\(member ?? tensor.name)`"], "\(tensor.name)")
      used.insert(pattern)
      let begin = tensor.stage == .prelude ? 0 : tensor.stage == .core ? 1 : 3
      let number = begin + (tensor.layer ?? 0)
      #expect("`\(config.ggufName(of: tensor))`" == pattern.replacing("N", with: "\(number)"))
    }
    #expect(used.count == rows.count)
    #expect(Set(config.tensors.map(config.ggufName)).count == config.tensors.count)
  }

  @Test func `the sizes have the keys of the page`() throws {
    let rows = try rows(headed: "key", "`config.json`")
    let config = try #require(HuginnConfig.parse(ConfigText.release.bytes).config)
    let keys = config.ggufMetadata.map { $0.key.dropFirst("huginn.".count) }
    #expect(rows.map { $0[0] } == keys.prefix(rows.count).map { "`\($0)`" })
    for key in keys.dropFirst(rows.count) { #expect(page.contains("`\(key)`"), "\(key)") }
    guard case .object(let model) = config.model else {
      Issue.record("the model is an object")
      return
    }
    for row in rows { #expect(model[row[1].replacing("`", with: "")] != nil) }
  }
}
