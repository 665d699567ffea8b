import FileAccess
import Foundation
import HuginnModel
import Integrity
import Kernels
import Models
import PackFormat
import Parallelism
import Quantization
import Tensors
import TestSupport
import Testing

@testable import Export

/// Tensors that are read whole are held against the manifest of their pack.
struct CheckedReadingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func pack(_ weights: String) throws -> StoredModel {
    try StoredModel(
      converting: try StoredModel(path: Fixtures.nano), weights, stages: [:], in: directory)
  }

  @Test(arguments: ["int8", "int8:row", "int4", "bf16", "f32"])
  func `a tensor that is read row by row has the digest in its manifest`(weights: String) throws {
    let model = try pack(weights)
    for tensor in model.tensors.values {
      var reader = TensorReader(tensor, isChecking: true)
      for tile in tensor.shape.tiles(of: 96 * 7, rowLimit: 5) {
        var values: [Float] = []
        try reader.read(tile, into: &values)
      }
      try reader.checkDigest()
    }
  }

  @Test func `a tensor that is not read to its end does not have the digest in its manifest`()
    throws
  {
    let model = try pack("int8")
    let tensor = try #require(model["transformer.wte.weight"])
    var reader = TensorReader(tensor, isChecking: true)
    var values: [Float] = []
    try reader.read(0..<255, into: &values)
    #expect(throws: (any Error).self) { try reader.checkDigest() }
  }

  @Test func `scales that change between two readings are not damage`() throws {
    let model = try pack("int8")
    let tensor = try #require(model["transformer.wte.weight"])
    let layout = try #require(tensor.layout)
    var reader = TensorReader(tensor, isChecking: true)
    var values: [Float] = []
    try reader.read(0..<256, into: &values)
    let handle = try #require(FileHandle(forWritingAtPath: tensor.file.path))
    try handle.seek(toOffset: UInt64(layout.planes[1].byteOffset))
    try handle.write(contentsOf: Data([0xFF]))
    try handle.close()
    #expect(throws: ModelError.file(.changed(path: tensor.file.path))) {
      try reader.checkDigest()
    }
  }

  @Test func `whoever watches can stop a proof`() throws {
    let model = try pack("int8")
    try model.checkDigests()
    let stopped = Monitor(advance: { _ in }, isCancelled: { true })
    #expect(throws: ModelError.cancelled) { try model.checkDigests(monitor: stopped) }
  }

  /// Writes a scale into a pack, with digests that vouch for it.
  private func rewrite(_ model: StoredModel, scale: [UInt8]) throws -> StoredModel {
    let pack = try #require(model.pack)
    let manifest = pack.manifest
    let index = try #require(
      manifest.layout.tensors.firstIndex { $0.tensor.name.hasSuffix("core_block.0.mlp.fc.weight") })
    let layout = manifest.layout.tensors[index]
    let path = Path.join(model.path, "core.seg")
    var bytes = try InputFile.contents(of: path, limit: 1 << 24)
    let offset = layout.planes[1].byteOffset
    bytes.replaceSubrange(offset..<offset + scale.count, with: scale)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var planes: [UInt8] = []
    for plane in layout.planes { planes += bytes[plane.byteRange] }
    var records = manifest.tensors
    records[index] = Manifest.TensorRecord(
      sha256: Digest(of: planes.span.rawBytes), sourceDType: records[index].sourceDType,
      error: records[index].error)
    let rewritten = try Manifest(
      tool: manifest.tool, config: manifest.config, recipe: manifest.recipe,
      identity: manifest.identity, sourceFiles: manifest.sourceFiles,
      sourceIndex: manifest.sourceIndex, tensors: records,
      rotaryTableDType: manifest.rotaryTableDType, sidecars: manifest.sidecars)
    try Data(rewritten.canonicalBytes).write(
      to: URL(fileURLWithPath: Path.join(model.path, "manifest.json")))
    return try StoredModel(path: model.path)
  }

  @Test func `a scale that is NaN is refused by every export`() throws {
    // NaN and infinity, in binary16 and in binary32.
    for scale in [[0x00, 0x7E], [0x00, 0x7C]] as [[UInt8]] {
      let model = try rewrite(try pack("int8"), scale: scale)
      #expect(try PackVerification(path: model.path).faults == [])
      let target = directory("target")
      var grouped = CheckpointExport.Options(tool: .test)
      grouped.scheme = .w8a16
      for options in [CheckpointExport.Options(tool: .test), grouped] {
        let export = try CheckpointExport(model, options)
        #expect(throws: ExportError.self) { try export.write(to: target) }
      }
      for matrices in [GGUFExport.Matrices.stored, .blocks(.q8_0), .blocks(.q4_0), .values(.f32)] {
        let export = try GGUFExport(model, matrices: matrices)
        #expect(throws: ExportError.self) { try export.write(to: target, replacing: false) }
      }
      #expect(!directory.names.contains("target"))
      try FileManager.default.removeItem(atPath: model.path)
    }
    let model = try rewrite(try pack("int8:row"), scale: [0x00, 0x00, 0xC0, 0x7F])
    var rows = CheckpointExport.Options(tool: .test)
    rows.scheme = .w8a8
    let error = #expect(throws: ExportError.self) {
      try CheckpointExport(model, rows).write(to: directory("target"))
    }
    #expect(error?.description.contains("the scale of group 0 in row 0 is nan") == true)
  }
}
