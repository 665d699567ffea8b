import Archive
import Checkpoint
import Codecs
import FileAccess
import Foundation
import HuginnModel
import Models
import PackFormat
import Parallelism
import Quantization
import Safetensors
import Signing
import StrictJSON
import Tensors
import TestSupport
import Tokenization

/// A reader of untrusted bytes, as the fuzzer feeds it.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// A safetensors file, header and all.
  case safetensors
  /// `model.safetensors.index.json`, in a checkpoint.
  case index
  /// `config.json`.
  case config
  /// `manifest.json`, read and written again.
  case manifest
  /// A pack: the first page of its first segment, then its manifest.
  case pack
  /// `tokenizer.json`, with a text to encode.
  case tokenizer
  /// A recipe.
  case recipe
  /// A GGUF file: its header, the model in it, and its values.
  case gguf
  /// A signature file, or the statement that one signs.
  case signature
  /// An archive: as it is, and as contents of frames that are then compressed and listed.
  case archive
}

/// Feeds a reader one input after the other.
///
/// A refusal is what inputs are for; what the fuzzer looks for are traps, hangs and memory out of
/// proportion, and what is accepted must hold what its type promises.
public struct FuzzSubject {
  private let target: FuzzTarget
  private let directory: TemporaryDirectory

  /// A reader with the files that it needs around an input.
  public init(_ target: FuzzTarget) throws {
    self.target = target
    directory = try TemporaryDirectory()
    switch target {
    case .index:
      try directory.copy("\(Fixtures.nano)/config.json", as: "config.json")
      try directory.copy(
        Fixtures.path("safetensors/ok-one.safetensors"), as: "model-00001-of-00001.safetensors")
    case .pack:
      for stage in Stage.allCases {
        let name = "\(stage.rawValue).seg"
        try directory.copy(Fixtures.path("expected/huginn-nano-int8.muninn/\(name)"), as: name)
      }
    default: break
    }
  }

  /// Reads one input.
  public func run(_ bytes: [UInt8]) throws {
    switch target {
    case .safetensors: try readSafetensors(bytes)
    case .index:
      try directory.write(SafetensorsIndex.fileName, bytes)
      _ = try? Checkpoint(path: directory.path)
    case .config:
      guard let config = HuginnConfig.parse(bytes).config else { return }
      precondition(!config.tensors.isEmpty, "a config has tensors")
      _ = try? PackLayout(config, Recipe())
    case .manifest:
      guard let manifest = try? Manifest(parsing: bytes) else { return }
      precondition(manifest.canonicalBytes == bytes, "a manifest is written as it was read")
    case .pack: try readPack(bytes)
    case .tokenizer: readTokenizer(bytes)
    case .recipe: readRecipe(bytes)
    case .gguf: try readGGUF(bytes)
    case .signature: readSignature(bytes)
    case .archive:
      try readArchive(bytes)
      try readArchive(ArchiveAssembly.file(ofContents: bytes))
    }
  }

  private func readSafetensors(_ bytes: [UInt8]) throws {
    let path = try directory.write("model.safetensors", bytes)
    guard let file = try? SafetensorsFile(path: path) else { return }
    precondition(
      file.header.dataByteCount <= bytes.count, "tensors of an accepted file lie in it")
  }

  private func readPack(_ bytes: [UInt8]) throws {
    let page = bytes.prefix(SegmentHeader.byteCount)
    let rest = SegmentHeader.byteCount - page.count
    let segment = URL(fileURLWithPath: directory("\(Stage.embedding.rawValue).seg"))
    let handle = try FileHandle(forWritingTo: segment)
    try handle.write(contentsOf: Data(page) + Data(count: rest))
    try handle.close()
    try directory.write(PackConstants.manifestName, Array(bytes.dropFirst(page.count)))
    guard let pack = try? Pack(path: directory.path) else { return }
    for layout in pack.manifest.layout.tensors {
      for plane in layout.planes {
        let all = pack.segment(layout.tensor.stage).bytes
        precondition(plane.byteRange.upperBound <= all.byteCount, "planes lie in their segment")
      }
    }
  }

  private func readTokenizer(_ bytes: [UInt8]) {
    guard let tokenizer = try? Tokenizer(parsing: bytes) else { return }
    let text = String(decoding: bytes.suffix(64), as: UTF8.self) + " it's 1234  \n\t x"
    let tokens = tokenizer.encode(text)
    _ = tokenizer.decode(tokens)
    _ = tokenizer.decode([0, 1 << 40, -1])
  }

  private func readRecipe(_ bytes: [UInt8]) {
    guard let json = try? JSONValue(parsing: bytes), let recipe = try? Recipe(json) else { return }
    let again = try? Recipe(recipe.json)
    precondition(again == recipe, "a recipe is written as it was read")
    guard let config = HuginnConfig.parse(Array(ReleaseConfig.text.utf8)).config else { return }
    _ = try? PackLayout(config, recipe)
  }

  private func readGGUF(_ bytes: [UInt8]) throws {
    let path = try directory.write("model.gguf", bytes)
    guard let model = try? StoredModel(path: path) else { return }
    for tensor in model.tensors.values {
      precondition(tensor.byteRange.upperBound <= bytes.count, "tensors lie in the file")
      guard tensor.valueDType != nil, tensor.shape.rows > 0 else { continue }
      var reader = TensorReader(tensor)
      var values: [Float] = []
      try? reader.read(0..<1, into: &values)
    }
  }

  private func readSignature(_ bytes: [UInt8]) {
    let bundle = try? SignatureBundle(parsing: bytes)
    if let bundle {
      let again = try? SignatureBundle(parsing: bundle.canonicalBytes)
      precondition(again == bundle, "a bundle is written as it was read")
    }
    guard let statement = try? Statement(parsing: bundle?.envelope.payload ?? bytes) else { return }
    let again = try? Statement(parsing: statement.canonicalBytes)
    precondition(again == statement, "a statement is written as it was read")
  }

  private func readArchive(_ bytes: [UInt8]) throws {
    let path = try directory.write("archive", bytes)
    guard let reader = try? ArchiveReader(path: path) else { return }
    precondition(
      reader.byteCount <= bytes.count << 15, "contents are in proportion to their frames")
    let target = directory("restored")
    guard (try? reader.restore(to: target, workers: Workers(count: 1))) != nil else { return }
    let verification = try PackVerification(path: target)
    precondition(verification.faults.isEmpty, "what is restored is intact")
    try FileManager.default.removeItem(atPath: target)
  }
}
