import FileAccess
import HuginnModel
import PackFormat
import StrictJSON
import TestSupport
import Testing

/// The reference pack's manifest was written by an independent implementation.
struct ManifestTests {
  private static let bytes =
    (try? Fixtures.bytes("expected/huginn-nano-int8.muninn/manifest.json")) ?? []

  @Test func `a manifest that we did not write reads back to the same bytes`() throws {
    let manifest = try Manifest(parsing: Self.bytes)
    #expect(manifest.canonicalBytes == Self.bytes)
    #expect(manifest.tool == Manifest.Tool(name: "muninn", version: "reference"))
    #expect(manifest.tensors.count == 75)
    #expect(manifest.layout.segments.map(\.byteCount) == [49152, 212_992, 442_368, 229_376])
  }

  /// The manifest with one member replaced, or removed, and a digest that fits.
  private func edited(_ path: [String], _ value: JSONValue?) throws -> [UInt8] {
    func edit(_ json: JSONValue, _ path: ArraySlice<String>) throws -> JSONValue? {
      guard let key = path.first else { return value }
      switch json {
      case .object(var members):
        members[key] = try edit(members[key] ?? .null, path.dropFirst())
        return .object(members)
      case .array(var elements):
        let index = try #require(Int(key))
        if let element = try edit(elements[index], path.dropFirst()) {
          elements[index] = element
        } else {
          elements.remove(at: index)
        }
        return .array(elements)
      default:
        Issue.record("no member \(key)")
        return json
      }
    }
    let json = try #require(try edit(try JSONValue(parsing: Self.bytes), path[...]))
    return json.canonicalBytes
  }

  @Test func `a changed value is refused although it is valid JSON`() throws {
    let edited = try edited(["tool", "version"], "another")
    let error = #expect(throws: ManifestError.self) { try Manifest(parsing: edited) }
    guard case .digest = error else {
      Issue.record("expected a digest error, not \(String(describing: error))")
      return
    }
  }

  @Test func `an extension is kept and covered by the digest`() throws {
    let manifest = try Manifest(parsing: Self.bytes)
    let extended = try Manifest(
      tool: manifest.tool, config: manifest.config, recipe: manifest.recipe,
      identity: manifest.identity, sourceFiles: manifest.sourceFiles, sourceIndex: nil,
      tensors: manifest.tensors, rotaryTableDType: manifest.rotaryTableDType,
      sidecars: manifest.sidecars, extensions: ["x": [1, true, "y"]])
    #expect(try Manifest(parsing: extended.canonicalBytes) == extended)
    #expect(extended.digest != manifest.digest)
  }

  private static let digits = String(repeating: "0", count: 63)

  /// A member to replace, or remove, and what is then said.
  struct Edit: Sendable {
    let path: [String]
    let value: JSONValue?
    let message: String

    init(_ path: [String], _ value: JSONValue?, _ message: String) {
      self.path = path
      self.value = value
      self.message = message
    }
  }

  private static let refusals: [Edit] = [
    Edit(["format"], "gguf", "'format' is 'gguf', expected 'muninn-pack'"),
    Edit(
      ["version"], 2,
      "the pack has format version 2, expected 1; "
        + "use a version of the program that writes format version 2"
    ),
    Edit(["version"], "1", "'version' is a string, expected a non-negative integer"),
    Edit(["model", "n_embd"], nil, "'model': 'n_embd' is missing from the config: found nothing"),
    Edit(
      ["model", "extra"], 1,
      "'model': a key is missing or unknown, or 'embedding_scale' or 'state_std' does not follow "
        + "from the sizes"
    ),
    Edit(
      ["model", "state_std"], 0,
      "'model': a key is missing or unknown, or 'embedding_scale' or 'state_std' does not follow "
        + "from the sizes"
    ),
    Edit(
      ["recipe", "weights"], "int3",
      "'int3' is not an encoding; choose f32, bf16, f16, int8, int8:row, int8:N, int4 or int4:N "
        + "with N a multiple of 32"
    ),
    Edit(["recipe", "weights"], "int8", "'recipe.weights' is \"int8\", expected \"int8:32\""),
    Edit(
      ["recipe", "tensors"], [["pattern": "none", "encoding": "f16"]],
      "the pattern 'none' matches no matrix; vectors are always f32 and a tied head is the "
        + "embedding"
    ),
    Edit(
      ["recipe", "weights"], "int8:64",
      "tensor 'transformer.wte.weight': groups of 64 do not divide rows of 96 elements; "
        + "sizes that divide the rows of all tensors with this encoding are 32"
    ),
    Edit(["tensors", "3"], nil, "'tensors' is a list of 74, expected a list of 75"),
    Edit(
      ["tensors", "3", "planes", "0", "offset"], 17600,
      "'tensors[3].planes[0].offset' is 17600, expected 17536"),
    Edit(
      ["tensors", "3", "planes", "1", "bytes"], 1,
      "'tensors[3].planes[1].bytes' is 1, expected 1728"),
    Edit(
      ["tensors", "3", "encoding", "scheme"], "int4",
      "'tensors[3].encoding.scheme' is \"int4\", expected \"int8\""),
    Edit(
      ["tensors", "3", "sha256"], .string(digits + "G"),
      "'tensors[3].sha256' is '\(digits)G', expected 64 lower-case hexadecimal digits"),
    Edit(
      ["tensors", "3", "source_dtype"], "F64",
      "'tensors[3].source_dtype' is 'F64', expected F32, F16 or BF16"),
    Edit(
      ["tensors", "3", "error", "max_abs"], 0,
      "'tensors[3].error' is a maximum of 0.0, sums of 0.012095265739207633 and "
        + "448.44691018040083, expected null, or a positive maximum and sums of squares"),
    Edit(
      ["tensors", "3", "error", "sum_sq_error"], -1,
      "'tensors[3].error' is a maximum of 0.0015070755034685135, sums of -1.0 and "
        + "448.44691018040083, expected null, or a positive maximum and sums of squares"),
    Edit(["tensors", "3", "note"], "x", "'tensors[3].note' is \"x\", expected no such key"),
    Edit(
      ["aliases", "lm_head.weight"], nil,
      "'aliases.lm_head.weight' is missing, expected \"transformer.wte.weight\""),
    Edit(
      ["derived", "freqs_cis", "rope_base"], 10000,
      "'derived.freqs_cis.rope_base' is 10000, expected 50000"),
    Edit(["segments", "2", "bytes"], 1, "'segments[2].bytes' is 1, expected 442368"),
    Edit(
      ["sidecars", "0", "file"], "../config.json",
      "'sidecars[0]' is '../config.json', expected a plain file name"),
    Edit(
      ["sidecars", "0", "file"], "core.seg",
      "'sidecars[0]' is 'core.seg', expected a plain file name"),
    Edit(
      ["sidecars", "0", "file"], "generation_config.json",
      "'sidecars' is not sorted by name, or names something twice"),
    Edit(
      ["source", "files", "0", "name"], "a/b",
      "'source.files[0]' is 'a/b', expected a plain file name"),
    Edit(
      ["source", "files", "0"], nil,
      "'source.files' is an empty list, expected at least one file"),
    Edit(
      ["source", "files", "0", "bytes"], 9_007_199_254_740_994,
      "'source.files[0].bytes' is 9007199254740994, expected an integer from 0 to 2^53"),
    Edit(
      ["source", "files", "0", "bytes"], -1,
      "'source.files[0].bytes' is -1, expected a non-negative integer"),
    Edit(
      ["source", "index"], ["name": "index.json", "bytes": 1, "sha256": .string(digits + "0")],
      "'source.index' is 'index.json', expected 'model.safetensors.index.json'"),
    Edit(
      ["sidecars", "0", "bytes"], 9_007_199_254_740_994,
      "'sidecars[0].bytes' is 9007199254740994, expected an integer from 0 to 2^53"),
    Edit(["identity"], nil, "the key 'identity' is missing"),
    Edit(["comment"], "x", "'comment' is \"x\", expected no such key"),
    Edit(["extensions"], [1], "'extensions' is an array, expected an object"),
  ]

  @Test(arguments: refusals)
  func `what the format does not allow is refused by name`(edit: Edit) throws {
    let edited = try edited(edit.path, edit.value)
    let error = #expect(throws: ManifestError.self) { try Manifest(parsing: edited) }
    #expect(error?.description == edit.message)
  }

  @Test func `the longest file that binary64 counts is taken`() throws {
    let edited = try edited(["source", "files", "0", "bytes"], 9_007_199_254_740_992)
    let error = #expect(throws: ManifestError.self) { try Manifest(parsing: edited) }
    guard case .digest = error else {
      Issue.record("expected a digest error, not \(String(describing: error))")
      return
    }
  }

  private static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  /// Members of `extensions`, and why they are refused.
  private static let excesses: [(members: String, error: JSONError)] = [
    (#""e\#u{301}":1,"\#u{E9}":1"#, .duplicateKey("\u{E9}", byteOffset: 23)),
    (
      #""a":"e\#(repeated("\u{301}", 31))""#,
      .tooManyCombiningCharacters(byteOffset: 20, limit: 30)
    ),
    (#""a":[0\#(repeated(",0", 1_000_000))]"#, .tooManyValues(limit: 1_000_000)),
    (
      #""a":\#(repeated("[", 63))\#(repeated("]", 63))"#,
      .tooDeep(byteOffset: 81, limit: 64)
    ),
  ]

  @Test(arguments: excesses)
  func `extensions beyond the limits of JSON are refused`(
    members: String, error: JSONError
  ) throws {
    let extensions = Array("{\"extensions\":{\(members)},".utf8)
    #expect(throws: ManifestError.json(error)) {
      try Manifest(parsing: extensions + Self.bytes.dropFirst())
    }
  }

  @Test(
    arguments: HostileName.all,
    [
      ["segments", "2", "file"], ["segments", "2", "name"], ["sidecars", "0", "file"],
      ["tensors", "3", "name"], ["source", "files", "0", "name"],
    ])
  func `a hostile name is refused wherever it stands`(name: String, path: [String]) throws {
    let edited = try edited(path, .string(name))
    let error = #expect(throws: ManifestError.self) { try Manifest(parsing: edited) }
    #expect(error?.description.contains(where: \.isNewline) == false)
    #expect(error?.description.contains("\0") == false)
  }

  @Test func `white space and another order of keys are refused with the byte`() throws {
    #expect(throws: ManifestError.notCanonical(byteOffset: Self.bytes.count)) {
      try Manifest(parsing: Self.bytes + [0x0A])
    }
    #expect(throws: ManifestError.notCanonical(byteOffset: 1)) {
      try Manifest(parsing: Array("{ ".utf8) + Self.bytes.dropFirst())
    }
  }

  @Test func `a manifest cut anywhere is refused`() {
    for count in stride(from: 0, to: Self.bytes.count, by: 97) {
      #expect(throws: ManifestError.self) { try Manifest(parsing: Array(Self.bytes.prefix(count))) }
    }
  }
}
