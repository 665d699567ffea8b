import Models
import Conversion
import FileAccess
import HuginnModel
import Integrity
import Kernels
import PackFormat
import Parallelism
import Quantization
import StrictJSON
import TestSupport
import Testing

/// The packs that the format prescribes, as an independent implementation in numpy made them.
struct ExpectedPacksTests {
  /// One recipe for one checkpoint, and the digests of what it gives.
  struct Expectation: Sendable, CustomTestStringConvertible {
    let checkpoint: String
    let options: [String]
    let recipe: JSONValue
    let identity: String
    let files: [String: (bytes: Int, sha256: String)]
    let manifest: (bytes: Int, sha256: String)

    var testDescription: String { ([checkpoint] + options).joined(separator: " ") }
  }

  private static let expectations: [Expectation] = (try? readExpectations()) ?? []

  private static func readExpectations() throws -> [Expectation] {
    var document = try JSONObject(
      try JSONValue(parsing: try Fixtures.bytes("expected/digests.json")))
    return try document.remainingKeys.flatMap { checkpoint in
      try document.objects(checkpoint).map { entry in
        var entry = entry
        guard case .array(let options) = try entry.take("options") else { return nil }
        var files = try entry.object("files")
        var digests: [String: (bytes: Int, sha256: String)] = [:]
        for name in files.remainingKeys {
          var file = try files.object(name)
          digests[name] = (try file.count("bytes"), try file.string("sha256"))
        }
        var manifest = try entry.object("manifest_without_digest_and_tool")
        return Expectation(
          checkpoint: checkpoint,
          options: options.map { if case .string(let text) = $0 { text } else { "" } },
          recipe: try entry.take("recipe"), identity: try entry.string("identity"),
          files: digests,
          manifest: (try manifest.count("bytes"), try manifest.string("sha256")))
      }.compactMap(\.self)
    }
  }

  @Test func `there are expectations for both checkpoints`() {
    #expect(Self.expectations.count == 21)
  }

  @Test(arguments: expectations)
  func `every file has the prescribed digest, and the source accepts the pack`(
    expectation: Expectation
  ) throws {
    let directory = try TemporaryDirectory()
    let source = Fixtures.path("checkpoints/\(expectation.checkpoint)")
    let checkpoint = try StoredModel(path: source)
    let plan = try ConversionPlan(checkpoint, try Recipe(expectation.recipe))
    let result = try Converter(plan).write(to: directory("pack"), .test)

    #expect(result.manifest.recipe.json == expectation.recipe)
    #expect("\(result.manifest.identity)" == expectation.identity)
    for (name, expected) in expectation.files {
      let file = try InputFile(path: directory("pack/\(name)"))
      #expect(file.byteCount == expected.bytes, "\(name)")
      #expect("\(try Digest(of: file, ranges: [0..<file.byteCount]))" == expected.sha256, "\(name)")
    }
    guard case .object(var members) = result.manifest.jsonWithoutDigest else { return }
    members["tool"] = nil
    let bytes = JSONValue.object(members).canonicalBytes
    #expect(bytes.count == expectation.manifest.bytes)
    #expect("\(Digest(of: bytes.span.rawBytes))" == expectation.manifest.sha256)

    #expect(try PackVerification(path: directory("pack")).faults.isEmpty)
    #expect(try Converter.compare(result.manifest, with: checkpoint).isEmpty)
  }

  @Test(arguments: CPULevel.available, ["int8", "int8:row", "f16", "int4", "int4:160"])
  func `the bytes depend neither on threads nor on the level of the processor`(
    level: CPULevel, weights: String
  ) throws {
    let directory = try TemporaryDirectory()
    let recipe = Recipe(weights: try Encoding(weights))
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.tiny), recipe)
    let reference = try Converter(plan, workers: Workers(count: 1)).write(
      to: directory("reference"), .test)
    for count in [1, 2, 7] {
      let pack = directory("pack-\(count)")
      let result = try Converter(
        plan, workers: Workers(count: count), kernels: #require(KernelSet(level))
      ).write(to: pack, .test)
      #expect(result.manifest == reference.manifest, "\(count) threads")
      // The manifest has the digest of every plane; the files must be what it says.
      #expect(try PackVerification(path: pack).faults.isEmpty)
    }
  }

  @Test func `the reference pack itself is intact and comes from its checkpoint`() throws {
    let verification = try PackVerification(
      path: Fixtures.path("expected/huginn-nano-int8.muninn"))
    #expect(verification.faults.isEmpty)
    let manifest = try #require(verification.manifest)
    #expect(try Converter.compare(manifest, with: try StoredModel(path: Fixtures.nano)).isEmpty)
  }
}

extension Converter.Options {
  /// What a test names as the writing program.
  static let test = Converter.Options(tool: Manifest.Tool(name: "muninn", version: "test"))
}
