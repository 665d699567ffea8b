import Models
import Conversion
import Foundation
import HuginnModel
import Kernels
import PackFormat
import Parallelism
import Quantization
import TestSupport
import Tensors
import Testing

struct DiffTests {
  private let first: TemporaryDirectory
  private let second: TemporaryDirectory
  private let matrix = "transformer.core_block.1.mlp.fc.weight"  // [40, 12]
  private let norm = "transformer.prelude.0.norm_2.weight"  // [12]
  private let embedding = HuginnConfig.embeddingName
  private let head = HuginnConfig.headName

  init() throws {
    first = try TemporaryDirectory()
    second = try TemporaryDirectory()
  }

  private func diff(_ left: LooseTensors, _ right: LooseTensors) throws -> Diff {
    try Diff(
      (left.open(in: first)), (right.open(in: second)))
  }

  /// A checkpoint against the pack that it is converted to.
  private func diff(_ tensors: LooseTensors, packedAs encoding: Encoding) throws -> Diff {
    let checkpoint = try tensors.open(in: first)
    let plan = try ConversionPlan(checkpoint, Recipe(weights: encoding))
    _ = try Converter(plan).write(to: second("pack"), .test)
    return try Diff((checkpoint), (StoredModel(path: second("pack"))))
  }

  /// The tensors that differ, in order, with what was found.
  private func findings(_ diff: Diff, tolerance: Double = 0) -> [String] {
    diff.differences.filter { $0.exceeds(tolerance) }.map { difference in
      switch difference.finding {
      case .missing: "\(difference.name) missing"
      case .extra: "\(difference.name) extra"
      case .shape(let left, let right): "\(difference.name) \(left) \(right)"
      case .unreadable: "\(difference.name) unreadable"
      case .values: "\(difference.name) values"
      }
    }
  }

  private func comparison(_ name: String, in diff: Diff) throws -> TensorDifference.Comparison {
    let difference = try #require(diff.differences.first { $0.name == name })
    guard case .values(let comparison) = difference.finding else {
      Issue.record("\(difference.finding)")
      throw NotCompared()
    }
    return comparison
  }

  private struct NotCompared: Error {}

  // MARK: - Equal

  @Test func `a checkpoint equals itself, stored copies and all`() throws {
    let tensors = try LooseTensors().withCopies()
    let diff = try diff(tensors, tensors)
    #expect(findings(diff) == [])
    #expect(diff.differences.map(\.name) == tensors.tensors.keys.sorted())
    for difference in diff.differences {
      let comparison = try comparison(difference.name, in: diff)
      #expect(comparison.sums.maxAbs == 0)
      #expect(comparison.sums.sumSquaredError == 0)
      #expect(comparison.firstDifference == nil)
      #expect(difference.firstType == "F32")
      #expect(difference.secondType == "F32")
    }
  }

  @Test func `the sharded fixture equals itself`() throws {
    let source = try StoredModel(path: Fixtures.tiny)
    let diff = try Diff(source, source)
    #expect(findings(diff) == [])
    #expect(diff.differences.count == source.tensors.count)
    #expect(source.tensors[head] != nil)
  }

  @Test func `an f32 pack equals its checkpoint, whose head and table it does not store`() throws {
    let tensors = try LooseTensors().withCopies()
    let diff = try diff(tensors, packedAs: .f32)
    #expect(findings(diff) == [])
    // The stored head is compared with the pack's embedding.
    #expect(
      Set(diff.differences.map(\.name)) == Set(tensors.config.tensors.map(\.name) + [head]))
    #expect(diff.differences.allSatisfy { $0.secondType == "f32" })
  }

  // MARK: - Against a pack

  @Test func `a quantized pack differs by the error that its manifest has`() throws {
    let packed = try StoredModel(path: Fixtures.path("expected/huginn-nano-int8.muninn"))
    let pack = try #require(packed.pack)
    let diff = try Diff(try StoredModel(path: Fixtures.nano), packed)
    var quantized = 0
    for (layout, record) in zip(pack.manifest.layout.tensors, pack.manifest.tensors) {
      let name = layout.tensor.name
      let found = try comparison(name, in: diff)
      let error = record.error ?? ErrorSums()
      #expect(found.sums.maxAbs == error.maxAbs, "\(name)")
      #expect(found.sums.sumSquaredError == error.sumSquaredError, "\(name)")
      #expect((found.firstDifference == nil) == (error.maxAbs == 0), "\(name)")
      if record.error != nil {
        #expect(found.sums.sumSquaredSource == error.sumSquaredSource, "\(name)")
        quantized += 1
      }
    }
    #expect(quantized == 34)
    #expect(findings(diff).count == 34)
    #expect(diff.differences.count == pack.manifest.tensors.count)
  }

  @Test(arguments: [Encoding.int8Row, .bf16, .f16])
  func `every encoding is decoded as it was measured`(encoding: Encoding) throws {
    let diff = try diff(try LooseTensors(), packedAs: encoding)
    let manifest = try PackReader(path: second("pack")).manifest
    for (layout, record) in zip(manifest.layout.tensors, manifest.tensors) {
      let found = try comparison(layout.tensor.name, in: diff)
      #expect(found.sums.maxAbs == record.error?.maxAbs ?? 0, "\(layout.tensor.name)")
    }
    #expect(findings(diff).count == 18)
    #expect(
      Set(diff.differences.map(\.secondType)) == [encoding.description, "f32"])
  }

  // MARK: - Values

  @Test func `the same values in another order are reported as such, others are not`() throws {
    let left = try LooseTensors()
    let reordered = left.changing(matrix) { tensor in
      // What safetensors 0.8.0 stores of a transposed array: the memory as it lay.
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      let values = tensor.values
      tensor.values = (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
    }
    #expect(try comparison(matrix, in: try diff(left, reordered)).isReordered)
    let halves = reordered.changing(matrix) { $0.dtype = "BF16" }
    #expect(try !comparison(matrix, in: try diff(left, halves)).isReordered)
    let changed = reordered.changing(matrix) { $0.values[5] += 0.25 }
    #expect(try !comparison(matrix, in: try diff(left, changed)).isReordered)
    let negated = left.changing(matrix) { $0.values = $0.values.map { -$0 } }
    #expect(try !comparison(matrix, in: try diff(left, negated)).isReordered)
  }

  @Test func `the first position in which values differ is reported`() throws {
    let left = try LooseTensors()
    let right = left.changing(matrix) {
      $0.values[12 * 9 + 4] += 1
      $0.values[12 * 9 + 2] += 0.25
      $0.values[12 * 30] -= 2
    }
    let diff = try diff(left, right)
    #expect(findings(diff) == ["\(matrix) values"])
    let found = try comparison(matrix, in: diff)
    #expect(found.firstDifference == 12 * 9 + 2)
    #expect(abs(found.sums.maxAbs - 2) < 1e-6)
    #expect(abs(found.sums.sumSquaredError - 5.0625) < 1e-5)
    #expect(found.shape == Shape(40, 12))
  }

  @Test func `zeros of either sign are equal`() throws {
    let left = try LooseTensors().changing(norm) { $0.values[3] = 0 }
    let diff = try diff(left, left.changing(norm) { $0.values[3] = -0.0 })
    #expect(findings(diff) == [])
  }

  @Test(arguments: [(0.0, 2), (0.24, 2), (0.25, 1), (0.49, 1), (0.5, 0), (.infinity, 0)])
  func `what differs by no more than the tolerance is let pass`(
    tolerance: Double, count: Int
  ) throws {
    let left = try LooseTensors().changing(matrix) { $0.values[7] = 1 }
      .changing(norm) { $0.values[7] = 1 }
    let right = left.changing(matrix) { $0.values[7] = 1.25 }
      .changing(norm) { $0.values[7] = 0.5 }
    #expect(findings(try diff(left, right), tolerance: tolerance).count == count)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a NaN on one side is beyond any tolerance`(value: Float) throws {
    let tensors = try LooseTensors()
    let damaged = tensors.changing(matrix) { $0.values[100] = value }
    for diff in [try diff(tensors, damaged), try diff(damaged, tensors)] {
      #expect(
        findings(diff, tolerance: .greatestFiniteMagnitude) == ["\(matrix) values"])
      let found = try comparison(matrix, in: diff)
      #expect(found.firstDifference == 100)
      #expect(found.sums.maxAbs == .infinity)
    }
  }

  @Test(arguments: [Float.nan, .infinity])
  func `equal values are not a difference`(value: Float) throws {
    let damaged = try LooseTensors().changing(matrix) { $0.values[100] = value }
    let diff = try diff(damaged, damaged)
    #expect(findings(diff) == [])
    #expect(try comparison(matrix, in: diff).sums.maxAbs == 0)
    let opposite = damaged.changing(matrix) { $0.values[101] = 3 }
    let found = try comparison(matrix, in: self.diff(damaged, opposite))
    #expect(found.firstDifference == 101)
    let original = try #require(damaged.tensors[matrix]).values[101]
    #expect(found.sums.maxAbs == abs(3 - Double(original)))
  }

  @Test func `a save in another dtype differs by its rounding, or not at all`() throws {
    let tensors = try LooseTensors()
    var saved = tensors
    for name in tensors.tensors.keys { saved = saved.changing(name) { $0.dtype = "BF16" } }
    let diff = try diff(tensors, saved)
    #expect(findings(diff).count == tensors.tensors.count)
    #expect(findings(diff, tolerance: 0x1p-7) == [])
    #expect(diff.differences.allSatisfy { $0.firstType == "F32" && $0.secondType == "BF16" })

    var rounded = tensors
    for name in tensors.tensors.keys {
      rounded = rounded.changing(name) { tensor in
        tensor.values = tensor.values.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
      }
    }
    #expect(findings(try self.diff(rounded, saved)) == [])
  }

  // MARK: - Names, shapes, dtypes

  @Test func `a tensor of one side only is missing or extra`() throws {
    let tensors = try LooseTensors()
    let fewer = tensors.removing(matrix).removing(norm)
    let missing = try diff(tensors, fewer)
    #expect(findings(missing, tolerance: .infinity) == ["\(matrix) missing", "\(norm) missing"])
    #expect(missing.differences.first?.firstType == "F32")
    #expect(missing.differences.first?.secondType == nil)
    let extra = try diff(fewer, tensors)
    #expect(findings(extra) == ["\(matrix) extra", "\(norm) extra"])
    #expect(extra.differences.first?.firstType == nil)
  }

  @Test func `other dimensions are reported, and values not compared`() throws {
    let tensors = try LooseTensors()
    let diff = try diff(tensors, tensors.changing(matrix) { $0.shape = [12, 40] })
    #expect(findings(diff, tolerance: .infinity) == ["\(matrix) [40, 12] [12, 40]"])
  }

  @Test func `values of a dtype that is not read are reported`() throws {
    let tensors = try LooseTensors()
    let diff = try diff(tensors, tensors.changing(matrix) { $0.dtype = "I8" })
    #expect(findings(diff) == ["\(matrix) unreadable"])
    #expect(diff.differences.first?.secondType == "I8")
  }

  @Test func `the same bytes of a dtype that is not read are equal, others are not`() throws {
    let tensors = try LooseTensors().changing(matrix) { $0.dtype = "I8" }
    #expect(findings(try diff(tensors, tensors)) == [])
    let other = tensors.changing(matrix) { $0.values[479] += 1 }
    #expect(findings(try diff(tensors, other)) == ["\(matrix) unreadable"])
  }

  @Test func `a tensor without elements is equal to itself`() throws {
    var tensors = try LooseTensors()
    tensors.tensors["empty"] = LooseTensors.Tensor(shape: [3, 0], values: [])
    tensors.tensors["scalar"] = LooseTensors.Tensor(shape: [], values: [2])
    #expect(findings(try diff(tensors, tensors)) == [])
    let other = tensors.changing("scalar") { $0.values = [3] }
    #expect(findings(try diff(tensors, other)) == ["scalar values"])
  }

  // MARK: - Copies

  @Test func `a stored head is compared with the embedding that it is tied to`() throws {
    let tensors = try LooseTensors()
    let stored = tensors.withCopies()
    #expect(findings(try diff(stored, tensors)) == [])
    #expect(findings(try diff(tensors, stored)) == [])
    let different = stored.changing(head) { $0.values[17] += 1 }
    for diff in [try diff(different, tensors), try diff(tensors, different)] {
      #expect(findings(diff) == ["\(head) values"])
      #expect(try comparison(head, in: diff).firstDifference == 17)
    }
  }

  @Test func `without tying a head is a tensor like any other`() throws {
    let tensors = try LooseTensors(ConfigText.smallest.setting("tie_embeddings", "false"))
    #expect(findings(try diff(tensors, tensors.removing(head))) == ["\(head) missing"])
  }

  @Test func `a rotary table counts only where both store it`() throws {
    let stored = try LooseTensors().withCopies()
    let table = HuginnConfig.rotaryTableName
    let other = stored.changing(table) { $0.values[5] += 1 }
    #expect(findings(try diff(stored, other)) == ["\(table) values"])
    #expect(findings(try diff(other, stored.removing(table))) == [])
    #expect(findings(try diff(stored.removing(table), other)) == [])
  }

  // MARK: - Order, threads

  @Test func `the worst is first: what cannot be compared, then noise over signal`() throws {
    let left = try LooseTensors().changing(norm) { $0.values = .init(repeating: 100, count: 12) }
      .changing("transformer.ln_f.weight") { $0.values = .init(repeating: 1, count: 12) }
      .changing("transformer.coda.0.norm_1.weight") { $0.values = .init(repeating: 0, count: 12) }
    let right = left.removing("transformer.adapter.weight")
      .changing(matrix) { $0.shape = [480] }
      .changing(embedding) { $0.values[0] = .nan }
      .changing(norm) { $0.values[0] = 101 }
      .changing("transformer.ln_f.weight") { $0.values[0] = 1.5 }
      .changing("transformer.coda.0.norm_1.weight") { $0.values[0] = 1e-9 }
    let diff = try diff(left, right)
    #expect(
      findings(diff) == [
        "transformer.adapter.weight missing", "\(matrix) [40, 12] [480]",
        "transformer.coda.0.norm_1.weight values", "\(embedding) values",
        "transformer.ln_f.weight values", "\(norm) values",
      ])
    let equal = diff.differences.dropFirst(6).map(\.name)
    #expect(equal == equal.sorted())
    #expect(equal.count == left.tensors.count - 6)
  }

  @Test func `any number of threads finds the same, and reads the same bytes`() throws {
    let left = try LooseTensors()
    let right = try LooseTensors(seed: 6)
    let sources = [
      (try left.open(in: first)), (try right.open(in: second)),
    ]
    let elements = left.tensors.values.reduce(0) { $0 + $1.values.count }
    var reports: [[String]] = []
    for count in [1, 4] {
      let counter = ByteCounter()
      let diff = try Diff(
        sources[0], sources[1], workers: Workers(count: count),
        monitor: Monitor(advance: { counter.add($0) }, isCancelled: { false }))
      #expect(counter.total == 8 * elements)
      reports.append(
        try diff.differences.map { "\($0.name) \(try comparison($0.name, in: diff).sums)" })
    }
    #expect(reports[0] == reports[1])
    #expect(findings(try Diff(sources[0], sources[1])).count == left.tensors.count)
  }

  @Test func `whoever watches can stop it`() throws {
    let source = (try LooseTensors().open(in: first))
    #expect(throws: ConversionError.cancelled) {
      try Diff(
        source, source, monitor: Monitor(advance: { _ in }, isCancelled: { true }))
    }
  }

  @Test func `a pack whose segment was cut is refused`() throws {
    let tensors = try LooseTensors()
    _ = try diff(tensors, packedAs: .f32)
    let path = second("pack/core.seg")
    let length = try second.bytes("pack/core.seg").count
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(length - 1))
    try file.close()
    #expect(
      throws: PackError.segmentLength(path: path, expected: length, found: length - 1)
    ) {
      try PackReader(path: second("pack"))
    }
  }
}
