import Models
import Conversion
import FileAccess
import Foundation
import HuginnModel
import Integrity
import PackFormat
import Quantization
import Tensors
import TestSupport
import Testing

struct SourceVerificationTests {
  @Test func `a source that differs in one bit is reported, with the tensor`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    let plan = try ConversionPlan(
      try StoredModel(path: directory("checkpoint")), Recipe(weights: .f32))
    let manifest = try Converter(plan).write(to: directory("pack"), .test).manifest
    let name = "transformer.core_block.3.mlp.proj.weight"
    let tensor = try #require(plan.model.tensors[name])
    let file = try FileHandle(
      forUpdating: URL(fileURLWithPath: directory("checkpoint/model.safetensors")))
    try file.seek(toOffset: UInt64(tensor.byteRange.lowerBound))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(tensor.byteRange.lowerBound))
    try file.write(contentsOf: Data([byte ^ 1]))
    try file.close()
    let faults = try Converter.compare(
      manifest, with: try StoredModel(path: directory("checkpoint")))
    let members = faults.map { fault in
      if case .source(let path, _, _) = fault { path } else { "\(fault)" }
    }
    // The sample of the identity covers the file's ends and middle, and may miss the place.
    #expect(
      members.filter { $0 != "identity" } == ["source: files[0].sha256", "\(name): sha256"])
  }

  @Test func `another checkpoint is reported with its model`() throws {
    let manifest = try Pack.readManifest(
      ofPack: Fixtures.path("expected/huginn-nano-int8.muninn"))
    let faults = try Converter.compare(manifest, with: try StoredModel(path: Fixtures.tiny))
    #expect(
      faults == [
        .source(path: "model: block_size", expected: "256", found: "128")
      ])
  }

  @Test func `a sidecar that changed is reported`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    let plan = try ConversionPlan(try StoredModel(path: directory("checkpoint")), Recipe())
    let manifest = try Converter(plan).write(to: directory("pack"), .test).manifest
    try directory.write("checkpoint/generation_config.json", "{}")
    try directory.write("checkpoint/LICENSE", "x")
    let checkpoint = try StoredModel(path: directory("checkpoint"))
    let faults = try Converter.compare(manifest, with: checkpoint)
    #expect(faults.count == 1)
    #expect(faults.first?.code == "source")
  }

  /// Codes and scales as quantization.md says that no writer makes them, under right digests.
  @Test func `values that no writer makes are intact, but do not match the source`() throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(
      try StoredModel(path: Fixtures.nano), Recipe(weights: .int8Row))
    var manifest = try Converter(plan).write(to: directory("pack"), .test).manifest
    let name = "transformer.core_block.3.mlp.proj.weight"
    let index = try #require(manifest.layout.tensors.firstIndex { $0.tensor.name == name })
    let planes = manifest.layout.tensors[index].planes
    var segment = try directory.bytes("pack/core.seg")
    segment[planes[0].byteRange.lowerBound] = 0x80
    for (row, scale) in [Float.nan, -Float.infinity, -1].enumerated() {
      let start = planes[1].byteRange.lowerBound + 4 * row
      segment.replaceSubrange(
        start..<start + 4, with: SafetensorsBuilder.littleEndian(scale.bitPattern))
    }
    try directory.write("pack/core.seg", segment)
    let stored = planes.flatMap { segment[$0.byteRange] }
    var records = manifest.tensors
    records[index] = Manifest.TensorRecord(
      sha256: Digest(of: stored.span.rawBytes), sourceDType: .f32, error: records[index].error)
    manifest = try Manifest(
      tool: manifest.tool, config: manifest.config, recipe: manifest.recipe,
      identity: manifest.identity, sourceFiles: manifest.sourceFiles, sourceIndex: nil,
      tensors: records, rotaryTableDType: manifest.rotaryTableDType, sidecars: manifest.sidecars)
    try directory.write("pack/manifest.json", manifest.canonicalBytes)
    let verification = try PackVerification(path: directory("pack"))
    #expect(verification.faults == [])
    let pack = try Pack(path: directory("pack"))
    let core = pack.segment(.core)
    let code = try core.view(.codes, of: core.tensor(name), as: Int8.self)[0]
    #expect(code == -128)
    let faults = try Converter.compare(manifest, with: plan.model)
    #expect(faults.count == 1)
    #expect("\(faults)".contains("\(name): sha256"))
  }
}
