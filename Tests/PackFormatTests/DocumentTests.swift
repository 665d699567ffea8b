import FileAccess
import HuginnModel
import PackFormat
import Quantization
import StrictJSON
import Tensors
import TestSupport
import Testing

/// The pages `pack.md` and `manifest.md`, held against the code.
struct DocumentTests {
  private func rows(_ page: String, _ heading: [String]) throws -> [[String]] {
    try #require(MarkdownTable.table(headed: heading, in: try Fixtures.page(page))).rows
  }

  private func unquoted(_ cell: String) -> String { cell.replacing("`", with: "") }

  @Test func `the header's fields are those of the page`() throws {
    let rows = try rows("pack.md", ["offset", "size", "field"])
    let fields = SegmentHeader.fields.map { [String($0.offset), String($0.size), $0.name] }
    #expect(rows.map { Array($0.prefix(3)) } == fields)
  }

  @Test func `the constants are those of the page`() throws {
    let rows = try rows("pack.md", ["constant", "bytes"])
    let values = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Int($0[1])) })
    #expect(
      values == [
        "header page": SegmentHeader.byteCount, "unit alignment": PackConstants.unitAlignment,
        "plane alignment": PackConstants.planeAlignment,
      ])
  }

  @Test func `the worked header is what the writer writes and the fixture has`() throws {
    let manifest = try Pack.readManifest(
      ofPack: Fixtures.path("expected/huginn-nano-int8.muninn"))
    let page = SegmentHeader(stage: .core, fileLength: 442_368, identity: manifest.identity).page
    let written = Array(page.prefix(76))
    let fixture = try InputFile(path: Fixtures.path("expected/huginn-nano-int8.muninn/core.seg"))
    #expect(try fixture.read(at: 0, count: 76) == written)
    #expect(try Fixtures.page("pack.md").contains(HexDump.text(of: written)))
  }

  @Test func `the order in a layer is that of the page`() throws {
    let names = try rows("pack.md", ["position", "tensor"]).map { unquoted($0[1]) }
    let layer = try Fixtures.nanoConfig().tensors(of: .coda).prefix(9)
    #expect(layer.map { $0.name.replacing("transformer.coda.0.", with: "") } == names)
  }

  @Test func `the release's sizes are those of the page`() throws {
    for row in try rows("pack.md", ["recipe", "bytes"]) {
      let layout = try PackLayout(.release, Recipe(weights: try Encoding(unquoted(row[0]))))
      let bytes = layout.tensors.reduce(0) { $0 + $1.byteCount }
      #expect(bytes == Int(row[1].replacing(",", with: "")))
    }
  }

  @Test func `every file of a pack and every kind of fault is on the page`() throws {
    let files = try rows("pack.md", ["file", "content"]).map { unquoted($0[0]) }
    #expect(files == ["manifest.json"] + PackFileNames.segments)
    let faults = try rows("pack.md", ["what differs", "fault"]).map { unquoted($0[1]) }
    let identity = try Pack.readManifest(
      ofPack: Fixtures.path("expected/huginn-nano-int8.muninn")
    ).identity
    let all: [PackFault] = [
      .manifest(.noManifest(path: "")), .unreadable(name: "", reason: ""),
      .length(name: "", expected: 0, found: 0), .header(.core, .truncated(byteCount: 0)),
      .tensor(name: "", stage: .core, layer: nil, expected: identity, found: identity),
      .padding(.core, byteOffset: 0, found: 1),
      .sidecar(name: "", expected: identity, found: identity), .unexpectedFile(name: ""),
      .source(path: "", expected: "", found: ""),
    ]
    #expect(faults == all.map(\.code))
  }

  @Test func `patterns match as on the page`() throws {
    for row in try rows("manifest.md", ["pattern", "name", "matches"]) {
      let matches = GlobPattern(unquoted(row[0])).matches(unquoted(row[1]))
      #expect(matches == (row[2] == "yes"), "\(row)")
    }
  }

  @Test func `the limits of a manifest are those of the page`() throws {
    let rows = try rows("manifest.md", ["limit", "value", "why"])
    let limits = [
      ("manifestByteLimit", PackConstants.manifestByteLimit),
      ("depthLimit", JSONReader.depthLimit), ("countLimit", JSONValue.countLimit),
      ("combiningCharacterLimit", JSONReader.combiningCharacterLimit),
      ("fileByteLimit", PackConstants.fileByteLimit), ("overrideLimit", Recipe.overrideLimit),
      ("patternByteLimit", Recipe.patternByteLimit),
    ]
    #expect(rows.map { [unquoted($0[0]), $0[1]] } == limits.map { [$0.0, String($0.1)] })
  }

  /// The paths of all members, with `[]` for the elements of lists.
  private func paths(_ value: JSONValue, _ path: String = "") -> Set<String> {
    switch value {
    case .object(let members):
      members.reduce(into: []) { paths, member in
        let isStage = path == "recipe.stages"
        let key = isStage ? "<stage>" : member.key
        let path = path.isEmpty ? key : "\(path).\(key)"
        paths.insert(path)
        // Extensions have members of their own.
        if path != "extensions" { paths.formUnion(self.paths(member.value, path)) }
      }
    case .array(let elements):
      elements.reduce(into: []) { $0.formUnion(paths($1, path + "[]")) }
    default: []
    }
  }

  @Test func `the members are those of the page, both ways`() throws {
    let documented = Set(try rows("manifest.md", ["member", "type"]).map { unquoted($0[0]) })
    let parsed = try Pack.readManifest(
      ofPack: Fixtures.path("expected/huginn-nano-int8.muninn"))
    let override = Recipe.Override(pattern: GlobPattern("*.fc.*"), encoding: .int8Row)
    // One manifest with everything that is optional.
    let manifest = try Manifest(
      tool: parsed.tool, config: parsed.config,
      recipe: Recipe(stages: [.coda: .f16], overrides: [override]), identity: parsed.identity,
      sourceFiles: parsed.sourceFiles, sourceIndex: parsed.sourceFiles.first,
      tensors: parsed.tensors, rotaryTableDType: .f32, sidecars: parsed.sidecars,
      extensions: ["x": 1])
    let found = paths(try JSONValue(parsing: manifest.canonicalBytes))
    #expect(found == documented)
  }

  @Test func `the sample in the documentation is the example that is built`() throws {
    func text(_ path: String) throws -> String {
      let bytes = try InputFile.contents(of: "\(Fixtures.root)/\(path)", limit: 1 << 20)
      return String(decoding: bytes, as: UTF8.self)
    }
    let page = try text("Sources/PackFormat/PackFormat.docc/PackFormat.md")
    let example = try text("Tests/Release/ExamplePackage/Sources/core-row/main.swift")
    #expect(page.contains("```swift\n\(example)```\n"))
  }
}
