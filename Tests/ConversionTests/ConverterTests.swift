import Models
import Conversion
import FileAccess
import Foundation
import HuginnModel
import PackFormat
import Parallelism
import Quantization
import Safetensors
import Synchronization
import Tensors
import TestSupport
import Testing

struct ConverterTests {
  /// A copy of the smaller checkpoint in which values of one tensor are replaced.
  private func edited(
    _ tensor: String, _ edit: (inout [Float]) -> Void
  ) throws -> (TemporaryDirectory, StoredModel) {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    let checkpoint = try StoredModel(path: directory("checkpoint"))
    let found = try #require(checkpoint.tensors[tensor])
    var reader = TensorReader(found)
    var values: [Float] = []
    try reader.read(0..<found.shape.rows, into: &values)
    edit(&values)
    let path = directory("checkpoint/model.safetensors")
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(found.byteRange.lowerBound))
    try file.write(contentsOf: values.withUnsafeBytes { Data($0) })
    try file.close()
    return (directory, try StoredModel(path: directory("checkpoint")))
  }

  private func error(
    converting checkpoint: StoredModel, _ recipe: Recipe, to target: String
  ) -> ConversionError? {
    do throws(ConversionError) {
      _ = try Converter(try ConversionPlan(checkpoint, recipe)).write(to: target, .test)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a NaN is an error with its position`(value: Float) throws {
    let name = "transformer.core_block.2.mlp.fc.weight"
    let (directory, checkpoint) = try edited(name) { $0[96 * 5 + 17] = value }
    let error = error(converting: checkpoint, Recipe(), to: directory("pack"))
    let begin = try #require(checkpoint.tensors[name]?.byteRange.lowerBound)
    #expect(
      error?.description
        == "'model.safetensors': tensor '\(name)', byte \(begin + 4 * (96 * 5 + 17)): the value at "
        + "row 5, column 17 is \(value), expected a finite number")
    #expect(directory.names == ["checkpoint"])
  }

  @Test func `a value beyond f16 is an error with count and largest`() throws {
    let name = "transformer.prelude.1.attn.proj.weight"
    let (directory, checkpoint) = try edited(name) {
      $0[0] = 65520
      $0[9000] = -1e6
    }
    let error = error(converting: checkpoint, Recipe(weights: .f16), to: directory("pack"))
    guard case .values(name, "model.safetensors", nil, let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason == .overflow(encoding: .f16, count: 2, largest: 1e6))
    // Another encoding for it is the way out.
    let override = Recipe.Override(pattern: GlobPattern(name), encoding: .bf16)
    let recipe = Recipe(weights: .f16, overrides: [override])
    _ = try Converter(try ConversionPlan(checkpoint, recipe)).write(to: directory("pack"), .test)
  }

  @Test func `f16 values that become subnormal are counted`() throws {
    let name = "transformer.coda.0.attn.proj.weight"
    let (directory, checkpoint) = try edited(name) { values in
      for index in values.indices { values[index] = 1 }
      values[3] = 6e-5
      values[4] = 1e-9
      values[5] = 0
    }
    let result = try Converter(try ConversionPlan(checkpoint, Recipe(weights: .f16)))
      .write(to: directory("pack"), .test)
    let outcome = result.tensors.first { $0.layout.tensor.name == name }
    #expect(outcome?.statistics.underflowed == 2)
  }

  @Test func `a group that does not tile a width is refused before anything is written`() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try StoredModel(path: Fixtures.tiny)
    let error = error(
      converting: checkpoint, Recipe(weights: .int8Group(size: 64)), to: directory("pack"))
    #expect(
      error?.description
        == "tensor 'transformer.wte.weight': groups of 64 do not divide rows of 160 elements; "
        + "sizes that divide the rows of all tensors with this encoding are 32, 160")
    #expect(directory.names.isEmpty)
  }

  @Test func `a checkpoint with errors is refused`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    try FileManager.default.removeItem(atPath: directory("checkpoint/config.json"))
    let checkpoint = try StoredModel(path: directory("checkpoint"))
    guard
      case .model(.refused(_, let diagnostics))? = error(
        converting: checkpoint, Recipe(), to: directory("pack"))
    else {
      Issue.record("it is converted")
      return
    }
    #expect(diagnostics.filter { $0.severity == .error }.map(\.code) == [.configMissing])
  }

  @Test func `a pack is not converted`() throws {
    let pack = try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn"))
    #expect(
      throws: ConversionError.model(
        .form(path: pack.path, .pack, wanted: "a float checkpoint"))
    ) { try ConversionPlan(pack, Recipe()) }
  }

  @Test func `a stored head that differs is refused, unless it is ignored`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.tiny, as: "checkpoint")
    let original = try StoredModel(path: directory("checkpoint"))
    let head = try #require(original.tensors["lm_head.weight"])
    let shard = Path.name(of: head.file.path)
    let file = try FileHandle(
      forUpdating: URL(fileURLWithPath: directory("checkpoint/\(shard)")))
    try file.seek(toOffset: UInt64(head.byteRange.upperBound - 1))
    try file.write(contentsOf: Data([0x41]))
    try file.close()
    let checkpoint = try StoredModel(path: directory("checkpoint"))
    guard
      case .model(.refused(_, let diagnostics))? = error(
        converting: checkpoint, Recipe(), to: directory("pack"))
    else {
      Issue.record("it is converted")
      return
    }
    #expect(diagnostics.last?.code == .headDifferent)
    #expect(diagnostics.last?.found == "the first difference at row 255, column 159")
    #expect(directory.names == ["checkpoint"])

    var options = Converter.Options.test
    options.ignoringStoredHead = true
    let result = try Converter(try ConversionPlan(checkpoint, Recipe()))
      .write(to: directory("pack"), options)
    #expect(result.diagnostics.last?.code == .headIgnored)
    // The embedding is the source: the head plays no part in what is stored.
    let untouched = try ConversionPlan(try StoredModel(path: Fixtures.tiny), Recipe())
    let expected = try Converter(untouched).write(to: directory("untouched"), .test)
    #expect(result.manifest.tensors == expected.manifest.tensors)
    #expect(try Converter.compare(result.manifest, with: checkpoint).isEmpty)
  }

  @Test
  func `an existing target is refused, and replaced only on request and only if it is a pack`()
    throws
  {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.nano), Recipe())
    let target = directory("pack")
    _ = try Converter(plan).write(to: target, .test)
    #expect(throws: ConversionError.file(.exists(path: target))) {
      try Converter(plan).write(to: target, .test)
    }
    var options = Converter.Options.test
    options.replacing = .pack
    let other = try ConversionPlan(plan.model, Recipe(weights: .f16))
    let result = try Converter(other).write(to: target, options)
    #expect(try Pack.readManifest(ofPack: target) == result.manifest)
    #expect(directory.names == ["pack"])

    try directory.write("pack/thesis.txt", "irreplaceable")
    #expect(
      throws: ConversionError.file(
        .notReplaced(path: target, found: "holds 'thesis.txt', which is not part of a pack"))
    ) {
      try Converter(plan).write(to: target, options)
    }
    try directory.write("file", "x")
    #expect(
      throws: ConversionError.file(
        .notReplaced(path: directory("file"), found: "is a regular file"))
    ) {
      try Converter(plan).write(to: directory("file"), options)
    }
  }

  @Test func `a conversion never replaces its source, even when asked to`() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try directory.copy(Fixtures.tiny, as: "checkpoint")
    let names = try directoryContents(checkpoint)
    let plan = try ConversionPlan(try StoredModel(path: checkpoint), Recipe())
    let single = try ConversionPlan(
      try StoredModel(path: "\(checkpoint)/model.safetensors.index.json"), Recipe())
    let cases: [(ConversionPlan, String, FileError.Overlap)] = [
      (plan, checkpoint, .isInput), (plan, "\(checkpoint)/.", .isInput),
      (plan, "\(checkpoint)/pack", .liesIn), (plan, directory.path, .holds),
      (single, checkpoint, .holds), (single, "\(checkpoint)/config.json", .isInput),
      (single, "\(checkpoint)/\(SmallCheckpoint.shardNames[1])", .isInput),
    ]
    for (plan, target, expected) in cases {
      for replacing in [PackReplacement.nothing, .packAndCompanions] {
        var options = Converter.Options.test
        options.replacing = replacing
        guard
          case .file(.overlapsInput(target, expected, _))? = error({
            try Converter(plan).write(to: target, options)
          })
        else {
          Issue.record("\(target)")
          continue
        }
      }
    }
    #expect(try directoryContents(checkpoint) == names)
    // Beside what was named as a file there is room.
    _ = try Converter(single).write(to: "\(checkpoint)/pack.muninn", .test)
  }

  /// The error of a conversion; nil where there is none.
  private func error(_ body: () throws -> Converter.Result) -> ConversionError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? ConversionError
    }
  }

  @Test func `a conversion that is cancelled leaves nothing`() throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.tiny), Recipe())
    // Stop after each of a few amounts of work, the first tile among them.
    for limit in [0, 1, 3_000_000, 9_000_000] {
      let done = Counter()
      let monitor = Monitor(
        advance: { done.add($0) }, isCancelled: { done.value >= limit })
      #expect(throws: ConversionError.cancelled) {
        try Converter(plan, monitor: monitor).write(to: directory("pack"), .test)
      }
      #expect(directory.names.isEmpty)
    }
  }

  @Test func `checksums are those of the files`() throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.nano), Recipe())
    var options = Converter.Options.test
    options.writingChecksums = true
    _ = try Converter(plan).write(to: directory("pack"), options)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    process.currentDirectoryURL = URL(fileURLWithPath: directory("pack"))
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try PackVerification(path: directory("pack")).faults.isEmpty)
  }

  @Test func `sidecars are copied with the content of links, other matches are skipped`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "checkpoint")
    try directory.write("blob", "{\"a\": 1}")
    let manager = FileManager.default
    try manager.createSymbolicLink(
      atPath: directory("checkpoint/tokenizer.json"), withDestinationPath: directory("blob"))
    try manager.createSymbolicLink(
      atPath: directory("checkpoint/NOTICE"), withDestinationPath: directory("nowhere"))
    try manager.createDirectory(
      atPath: directory("checkpoint/LICENSES"), withIntermediateDirectories: false)
    try directory.write("checkpoint/LICENSE two", "x")
    let plan = try ConversionPlan(try StoredModel(path: directory("checkpoint")), Recipe())
    #expect(plan.sidecars.skipped == ["LICENSE two", "LICENSES", "NOTICE"])
    _ = try Converter(plan).write(to: directory("pack"), .test)
    let copy = directory("pack/tokenizer.json")
    #expect(try FileStatus(ofLink: copy).kind == .regular)
    #expect(try InputFile.contents(of: copy, limit: 100) == Array("{\"a\": 1}".utf8))
    #expect(try PackVerification(path: directory("pack")).faults.isEmpty)
  }

  @Test func `the dry run's sizes are right, the manifest's an upper bound`() throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(try StoredModel(path: Fixtures.tiny), Recipe())
    let bound = try plan.manifestByteBound(tool: Converter.Options.test.tool)
    let result = try Converter(plan).write(to: directory("pack"), .test)
    for segment in plan.layout.segments {
      #expect(
        try FileStatus(ofPath: directory("pack/\(segment.fileName)")).byteCount
          == segment.byteCount)
    }
    let found = result.manifest.canonicalBytes.count
    #expect(found <= bound && bound - found < 2000)
  }
}

/// A number that threads add to.
private final class Counter: Sendable {
  private let total = Mutex(0)
  var value: Int { total.withLock { $0 } }
  func add(_ count: Int) { total.withLock { $0 += count } }
}
