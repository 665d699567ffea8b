import Archive
import FileAccess
import Foundation
import GGUF
import HuginnModel
import Models
import PackFormat
import Signing
import TestSupport

/// The inputs that the fuzzer starts from: what the fixtures have.
public enum FuzzSeeds {
  /// The seeds of a target.
  public static func inputs(of target: FuzzTarget) throws -> [[UInt8]] {
    switch target {
    case .safetensors:
      let folder = Fixtures.path("safetensors")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      return try names.filter { $0.hasSuffix(".safetensors") }.map {
        try Fixtures.bytes("safetensors/\($0)")
      }
    case .index:
      return [
        try Fixtures.bytes("checkpoints/huginn-tiny/model.safetensors.index.json"),
        Array(
          #"{"metadata":{"total_size":4},"weight_map":{"a":"model-00001-of-00001.safetensors"}}"#
            .utf8),
      ]
    case .config:
      return [
        try Fixtures.bytes("checkpoints/huginn-nano/config.json"), Array(ReleaseConfig.text.utf8),
      ]
    case .manifest: return [try Fixtures.bytes("\(pack)/manifest.json")]
    case .pack:
      let page = try Fixtures.bytes("\(pack)/embedding.seg").prefix(SegmentHeader.byteCount)
      return [Array(page) + (try Fixtures.bytes("\(pack)/manifest.json"))]
    case .tokenizer: return [try smallTokenizer()]
    case .recipe: return recipes.map { Array($0.utf8) }
    case .gguf: return [try Fixtures.bytes("vectors/writer.gguf"), try smallModel()]
    case .signature:
      let bundle = try Fixtures.bytes("signing/huginn-nano-int8.sig")
      return [bundle, try SignatureBundle(parsing: bundle).envelope.payload]
    case .archive: return try archives()
    }
  }

  /// The smallest model as a GGUF file, all zeros.
  private static func smallModel() throws -> [UInt8] {
    guard let config = HuginnConfig.parse(ConfigText.smallest.bytes).config else { return [] }
    let directory = try TemporaryDirectory()
    let writer = try GGUFWriter(
      target: directory("small.gguf"),
      metadata: [("general.architecture", .string(HuginnConfig.ggufArchitecture))]
        + config.ggufMetadata,
      tensors: config.tensors.map {
        GGUFWriter.Tensor(name: config.ggufName(of: $0), type: .f32, shape: $0.shape)
      })
    try writer.publish()
    return try directory.bytes("small.gguf")
  }

  private static let pack = "expected/huginn-nano-int8.muninn"

  /// The beginning of the fixture's archive as contents, and all of one whose segments are cut off:
  /// its own would be longer than an input.
  private static func archives() throws -> [[UInt8]] {
    let directory = try TemporaryDirectory()
    let target = directory("archive")
    _ = try PackArchiver(path: Fixtures.path(pack)).write(to: target)
    let reader = try ArchiveReader(path: target)
    let contents = try ArchiveAssembly.contents(ofArchive: target)
    let headers = contents.filter { $0.count <= 2048 }
    return [
      ArchiveAssembly.input(headers), ArchiveAssembly.input(Array(contents.prefix(3))),
      ArchiveAssembly.file(ofContents: ArchiveAssembly.input(headers)),
      ArchiveAssembly.file(ofContents: ArchiveAssembly.input(Array(contents.prefix(3)))),
      Array(reader.folder.utf8),
    ]
  }

  private static let recipes = [
    #"{"weights":"int8:32","stages":{"core":"f16"},"tensors":[{"pattern":"*.norm_?.weight","encoding":"f32"}]}"#,
    #"{"stages":{"embedding":"int8:row","prelude":"bf16","coda":"int8:96"}}"#,
    "{}",
  ]

  /// The bundled tokenizer with its first merges and its special tokens, so that inputs stay small,
  /// and with added tokens that are text.
  private static func smallTokenizer() throws -> [UInt8] {
    let bytes = try Fixtures.bytes("tokenizer/tokenizer.json")
    guard var document = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      var model = document["model"] as? [String: Any],
      let vocabulary = model["vocab"] as? [String: Int],
      let merges = model["merges"] as? [[String]],
      let special = document["added_tokens"] as? [[String: Any]]
    else { return bytes }
    let kept = Set(merges.prefix(8).map { $0.joined() })
    model["vocab"] = vocabulary.filter { text, _ in
      text.count == 1 || kept.contains(text) || text.hasPrefix("<|")
    }
    model["merges"] = Array(merges.prefix(8))
    document["model"] = model
    let added = ["x", " it", "  "].enumerated().map { index, text -> [String: Any] in
      [
        "id": 2048 + index, "content": text, "special": false, "normalized": index == 1,
        "single_word": index == 0, "lstrip": index < 2, "rstrip": index > 0,
      ]
    }
    document["added_tokens"] = special + added
    return Array(try JSONSerialization.data(withJSONObject: document, options: .sortedKeys))
  }
}
