import HuginnModel
import StrictJSON
import TestSupport
import Tensors
import Testing

/// `formats/huginn-layout.md` says what the code does.
struct LayoutPageTests {
  private let page: String

  init() throws { page = try Fixtures.page("huginn-layout.md") }

  private func rows(_ heading: String...) throws -> [[String]] {
    try #require(MarkdownTable.table(headed: heading, in: page)).rows
  }

  private func plain(_ cell: String) -> String { cell.replacing("`", with: "") }

  // MARK: - Tensors

  /// What the page says of a tensor.
  private struct Row: Equatable {
    let name: String
    let stage: String
    let layer: Int?
    let shape: String
    let kind: String
    let beginsUnit: String
  }

  /// A shape in the page's letters, in numbers.
  private func numbers(_ shape: String, _ config: HuginnConfig) throws -> String {
    let letters = [
      "d": config.embeddingSize, "h": config.headCount, "s": config.headSize,
      "m": config.intermediateSize, "V": config.paddedVocabularySize, "T": config.contextLength,
    ]
    let terms = try shape.dropFirst().dropLast().split(separator: ", ").map { term in
      let factor = Int(term.prefix { $0.isNumber })
      let half = term.hasSuffix("/2") ? 2 : 1
      let letter = term.drop { $0.isNumber }.prefix { $0.isLetter }
      let size = letter.isEmpty ? 1 : try #require(letters[String(letter)], "\(term)")
      return "\((factor ?? 1) * size / half)"
    }
    return "[" + terms.joined(separator: ", ") + "]"
  }

  private func isThere(_ cell: String, _ config: HuginnConfig) throws -> Bool {
    let flags = [
      "always": true, "with bias": config.hasBias, "with qk_bias": config.hasQKBias,
      "without tie_embeddings": !config.tiesEmbeddings,
    ]
    return try #require(flags.first { $0.key == plain(cell) }, "\(cell)").value
  }

  /// The tensors that the page's two tables give for a config.
  private func tensors(_ config: HuginnConfig) throws -> [Row] {
    let counts = [
      "P times": config.preludeLayerCount, "R times": config.coreLayerCount,
      "C times": config.codaLayerCount,
    ]
    let members = try rows("member", "shape", "kind", "begins a unit", "there")
    var tensors: [Row] = []
    for row in try rows("tensor", "shape", "stage", "kind", "begins a unit", "there") {
      let name = plain(row[0])
      guard let count = counts[row[5]] else {
        if try isThere(row[5], config) {
          tensors.append(
            Row(
              name: name, stage: row[2], layer: nil, shape: try numbers(row[1], config),
              kind: row[3], beginsUnit: row[4]))
        }
        continue
      }
      for layer in 0..<count {
        for member in members where try isThere(member[4], config) {
          let prefix = name.replacing("N.*", with: "\(layer).")
          tensors.append(
            Row(
              name: prefix + plain(member[0]), stage: row[2], layer: layer,
              shape: try numbers(member[1], config), kind: member[2], beginsUnit: member[3]))
        }
      }
    }
    return tensors
  }

  @Test(arguments: [
    ConfigText.smallest, .release, .smallest.setting("bias", "true"),
    .smallest.setting("qk_bias", "false").setting("padded_vocab_size", "18"),
    .smallest.setting("tie_embeddings", "false").setting("n_layers_in_coda", "3")
      .setting("n_layers_in_prelude", "0"),
  ])
  func `the tensors are those of the page, in its order`(text: ConfigText) throws {
    let config = try text.config()
    let tensors = config.tensors.map {
      Row(
        name: $0.name, stage: $0.stage.rawValue, layer: $0.layer, shape: "\($0.shape)",
        kind: "\($0.kind)", beginsUnit: $0.beginsUnit ? "yes" : "no")
    }
    #expect(try tensors == self.tensors(config))
  }

  @Test func `the stored copies are those of the page`() throws {
    let config = try ConfigText.smallest.config()
    let rows = try rows("tensor", "shape", "stored although")
    #expect(
      rows.map { plain($0[0]) } == [HuginnConfig.headName, HuginnConfig.rotaryTableName])
    #expect(try numbers(rows[0][1], config) == "\(Shape(16, 12))")
    #expect(try numbers(rows[1][1], config) == "\(config.rotaryTableShape)")
  }

  // MARK: - Config

  @Test func `the config's keys are those of the page`() throws {
    guard case .object(let model) = try ConfigText.smallest.config().model else { return }
    let keys = try rows("key", "other spelling", "absent means").map { plain($0[0]) }
    #expect(Set(keys).union(["embedding_scale", "state_std"]) == Set(model.keys))
    #expect(Set(keys).count == keys.count)
  }

  @Test func `a key that may be absent means then what the page says`() throws {
    for row in try rows("key", "other spelling", "absent means") {
      let key = plain(row[0])
      // Of the release, whose values are the defaults, but for the derived ones.
      let diagnostics = HuginnConfig.parse(ConfigText.release.removing(key).bytes)
      guard row[2] != "refused" else {
        #expect(diagnostics.diagnostics.map(\.code) == [.configKeyMissing], "\(key)")
        #expect(diagnostics.diagnostics.map(\.subject) == [key])
        continue
      }
      let config = try #require(diagnostics.config)
      guard case .object(let model) = config.model else { return }
      let expected: JSONValue? =
        switch plain(row[2]) {
        case "n_embd / n_heads": .integer(config.embeddingSize / config.headCount)
        case let text where model[text] != nil: model[text]
        case let text: try JSONValue(parsing: Array(text.utf8))
        }
      #expect(model[key]?.canonicalBytes == expected?.canonicalBytes, "\(key)")
    }
  }

  @Test func `the other spellings are those of the page`() throws {
    let text = ConfigText.release.setting("tie_embeddings", "false")
    for row in try rows("key", "other spelling", "absent means") where row[1] != "–" {
      let renamed = text.renaming(plain(row[0]), to: plain(row[1]))
      #expect(try renamed.config() == text.config(), "\(row[1])")
    }
  }

  @Test func `the classes are those of the page`() throws {
    for row in try rows("key", "value") {
      let faults = ConfigText.smallest.setting(plain(row[0]), "\"x\"").faults()
      #expect(faults.map(\.code) == [.configUnsupported])
      #expect(faults.map(\.expected) == [plain(row[1])])
    }
  }

  @Test func `the numbers of the release are those of the page`() throws {
    let config = try ConfigText.release.config()
    let count = config.tensors.reduce(0) { $0 + $1.shape.elementCount }
    let layer = config.tensors.filter { $0.stage == .coda && $0.layer == 1 }
      .reduce(0) { $0 + $1.shape.elementCount }
    func grouped(_ number: Int) -> String {
      let digits = Array("\(number)")
      return digits.indices.map { index in
        (index > 0 && (digits.count - index).isMultiple(of: 3) ? "," : "") + String(digits[index])
      }
      .joined()
    }
    #expect(
      page.contains("\(config.tensors.count) tensors of \(grouped(count)) parameters"))
    #expect(page.contains("a layer has \(grouped(layer))"))
    #expect(page.contains("at most \(grouped(ModelLimits.configByteCount)) bytes"))
  }
}
