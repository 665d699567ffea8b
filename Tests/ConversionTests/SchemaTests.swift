import Models
import Conversion
import Foundation
import HuginnModel
import PackFormat
import Quantization
import TestSupport
import Testing

/// `formats/manifest.schema.json`, held against manifests by a validator that we did not write.
struct SchemaTests {
  /// Runs Debian's python3-jsonschema; returns its complaints, one a line.
  private func complaints(about manifest: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      "-c",
      """
      import json, sys
      from jsonschema import Draft202012Validator
      schema = json.load(open(sys.argv[1]))
      Draft202012Validator.check_schema(schema)
      for error in Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[2]))):
          print(error.json_path, error.message[:100])
      """,
      "\(Fixtures.root)/formats/manifest.schema.json", manifest,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // Without the package, which `make test` installs, nothing would be checked.
    try #require(process.terminationStatus == 0)
    return String(decoding: text, as: UTF8.self)
  }

  private static let recipes = [
    Recipe(), Recipe(weights: .f16), Recipe(weights: .int8Row, stages: [.coda: .bf16]),
    Recipe(
      weights: .f32, stages: [.embedding: .int8],
      overrides: [Recipe.Override(pattern: GlobPattern("*.fc.*"), encoding: .int8Group(size: 160))]),
  ]

  @Test(arguments: recipes)
  func `every manifest that is written is valid`(recipe: Recipe) throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.tiny), recipe)
    _ = try Converter(plan).write(to: directory("pack"), .test)
    #expect(try complaints(about: directory("pack/manifest.json")) == "")
  }

  @Test func `what the schema does not allow is reported`() throws {
    let directory = try TemporaryDirectory()
    let path = Fixtures.path("expected/huginn-nano-int8.muninn/manifest.json")
    let text = String(
      decoding: try Fixtures.bytes("expected/huginn-nano-int8.muninn/manifest.json"), as: UTF8.self)
    #expect(try complaints(about: path) == "")
    let edited = try directory.write(
      "manifest.json", text.replacing("\"version\":1}", with: "\"version\":1,\"extra\":1}"))
    #expect(try complaints(about: edited).contains("extra"))
  }

  private static let digits = String(repeating: "0", count: 64)

  /// Places in the text of a manifest, and what neither takes there.
  private static let refusals: [(old: String, new: String)] = [
    (#""source":{"files":["#, #""source":{"files":[],"others":["#),
    (#""bytes":2869264"#, #""bytes":9007199254740994"#),
    (#""bytes":1417"#, #""bytes":9007199254740994"#), (#""bytes":1417"#, #""bytes":-1"#),
    (#""max_abs":0."#, #""max_abs":-0."#), (#""sum_sq_error":0."#, #""sum_sq_error":-0."#),
    (#""group_size":32"#, #""group_size":33"#), (#""layer":0"#, #""layer":-1"#),
    (#""version":1}"#, #""version":2}"#),
    (
      #"}]},"tensors""#,
      #"}],"index":{"bytes":1,"name":"index.json","sha256":"\#(digits)"}},"tensors""#
    ),
  ]

  @Test(arguments: refusals)
  func `what the schema refuses, the reader refuses`(old: String, new: String) throws {
    let directory = try TemporaryDirectory()
    let text = String(
      decoding: try Fixtures.bytes("expected/huginn-nano-int8.muninn/manifest.json"), as: UTF8.self)
    let range = try #require(text.range(of: old))
    let edited = text.replacingCharacters(in: range, with: new)
    #expect(try complaints(about: directory.write("manifest.json", edited)) != "")
    let error = #expect(throws: ManifestError.self) { try Manifest(parsing: Array(edited.utf8)) }
    if case .digest = error { Issue.record("only the digest was found to be wrong") }
  }
}
