import Checkpoint
import Models
import HuginnModel
import TestSupport
import Tensors
import Testing

struct StoredCopiesTests {
  private let head = SmallCheckpoint.headName
  private let table = SmallCheckpoint.tableName

  // MARK: - The head

  /// A checkpoint that stores a copy of the embedding, changed.
  private func withHead(
    _ text: ConfigText = .smallest, _ change: (inout SmallCheckpoint.Tensor) -> Void = { _ in }
  ) throws -> StoredModel {
    var small = try SmallCheckpoint(text)
    var copy = try #require(small.tensor("transformer.wte.weight"))
    small.shards["model.safetensors"]?.removeAll { $0.name == head }
    copy = .init(name: head, dtype: copy.dtype, shape: copy.shape, bytes: copy.bytes)
    change(&copy)
    small.shards["model.safetensors"]?.append(copy)
    let checkpoint = try small.model()
    #expect(checkpoint.diagnostics == [])
    return checkpoint
  }

  @Test func `a checkpoint without copies has no finding`() throws {
    let checkpoint = try SmallCheckpoint().model()
    #expect(try checkpoint.storedCopyDiagnostics() == [])
    #expect(checkpoint.valueByteCount(.storedCopies) == 0)
  }

  @Test func `a tied head that equals the embedding is worth knowing`() throws {
    let checkpoint = try withHead()
    #expect(
      try checkpoint.storedCopyDiagnostics() == [
        Diagnostic(
          .headEqual, subject: head, hint: "nothing to do: the pack stores it once")
      ])
    #expect(checkpoint.valueByteCount(.storedCopies) == 8 * 16 * 12)
  }

  @Test(arguments: [(0, "row 0, column 0"), (13, "row 1, column 1"), (191, "row 15, column 11")])
  func `a tied head that differs is refused with the first place`(index: Int, place: String) throws
  {
    let checkpoint = try withHead { $0.bytes[4 * index] ^= 1 }
    let diagnostics = try checkpoint.storedCopyDiagnostics()
    #expect(
      diagnostics == [
        Diagnostic(
          .headDifferent, subject: head, expected: "the values of transformer.wte.weight",
          found: "the first difference at \(place)",
          hint:
            "the reference code drops it silently, transformers 5 loads it as a separate head, "
            + "with a warning; drop it, or set tie_embeddings to false to keep it")
      ])
    #expect(try checkpoint.storedCopyDiagnostics(ignoringHead: true) == [])
  }

  @Test func `the first of several differences is the one reported`() throws {
    let checkpoint = try withHead {
      $0.bytes[4 * 100] ^= 1
      $0.bytes[4 * 50] ^= 1
    }
    #expect(
      try checkpoint.storedCopyDiagnostics().first?.found
        == "the first difference at row 4, column 2")
  }

  @Test func `a head without tying is the model's own, equal or not`() throws {
    let text = ConfigText.smallest.setting("tie_embeddings", "false")
    for checkpoint in try [withHead(text), withHead(text) { $0.bytes[0] ^= 1 }] {
      #expect(try checkpoint.storedCopyDiagnostics() == [])
      #expect(checkpoint.valueByteCount(.storedCopies) == 0)
    }
  }

  @Test func `values are compared and not bits`() throws {
    var small = try SmallCheckpoint()
    small.edit("transformer.wte.weight") { tensor in
      tensor.bytes = [UInt8](repeating: 0, count: tensor.bytes.count)
    }
    // 192 zeros of either sign in half the bytes.
    small.shards["model.safetensors"]?.append(
      .init(
        name: head, dtype: "F16", shape: [16, 12],
        bytes: (0..<192).flatMap { _ in [UInt8(0), 0x80] }))
    #expect(try small.model().storedCopyDiagnostics().map(\.code) == [.headEqual])
  }

  @Test func `a head of the wrong shape is the layout's finding alone`() throws {
    var small = try SmallCheckpoint()
    small.add(head, [12, 16], [Float](repeating: 0, count: 192), to: "model.safetensors")
    let checkpoint = try small.model()
    #expect(checkpoint.findings == ["tensor-shape lm_head.weight"])
    #expect(try checkpoint.storedCopyDiagnostics() == [])
  }

  // MARK: - The rotary table

  /// A checkpoint that stores its rotary table in a dtype, each value changed.
  private func withTable(
    _ dtype: DType = .f32, _ change: (Int, Float) -> Float = { $1 }
  ) throws -> StoredModel {
    var small = try SmallCheckpoint()
    let rotary = RotaryTable(try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config))
    let values = (0..<6).flatMap { rotary.row(at: $0) }.enumerated().map { change($0, $1) }
    small.add(table, [1, 6, 1, 2, 2], values, to: "model.safetensors")
    if dtype != .f32 {
      small.edit(table) { tensor in
        tensor.dtype = dtype.rawValue
        tensor.bytes = values.flatMap { value in
          SafetensorsBuilder.littleEndian(dtype == .bf16 ? value.bf16Bits : value.f16Bits)
        }
      }
    }
    let checkpoint = try small.model()
    #expect(checkpoint.diagnostics == [])
    return checkpoint
  }

  @Test func `a table as the formula has it is worth knowing`() throws {
    #expect(
      try withTable().storedCopyDiagnostics() == [
        Diagnostic(
          .rotaryTableStored, subject: table,
          found: "F32, the largest difference is 0.0 at position 0", hint: "nothing to do")
      ])
  }

  @Test(arguments: [DType.f16, .bf16])
  func `a table that was rounded to a half is accepted`(dtype: DType) throws {
    let diagnostics = try withTable(dtype).storedCopyDiagnostics()
    #expect(diagnostics.map(\.code) == [.rotaryTableStored])
    #expect(
      diagnostics.first?.found?.hasPrefix("\(dtype.rawValue), the largest difference is 0.00")
        == true)
  }

  @Test(arguments: [
    (DType.f32, Float(0.0009), DiagnosticCode.rotaryTableStored),
    (.f32, 0.0011, .rotaryTableDifferent), (.f16, 0.0005, .rotaryTableStored),
    (.f16, 0.002, .rotaryTableDifferent), (.bf16, 0.002, .rotaryTableStored),
    (.bf16, 0.01, .rotaryTableDifferent),
  ])
  func `a table is accepted within the tolerance of its dtype`(
    dtype: DType, offset: Float, code: DiagnosticCode
  ) throws {
    // The sine of position 0, which is exact in every dtype.
    let checkpoint = try withTable(dtype) { $0 == 1 ? offset : $1 }
    #expect(try checkpoint.storedCopyDiagnostics().map(\.code) == [code])
  }

  @Test func `a table beyond the tolerance is refused with the place`() throws {
    let checkpoint = try withTable { index, value in index == 9 ? value + 0.5 : value }
    let diagnostics = try checkpoint.storedCopyDiagnostics()
    #expect(diagnostics.map(\.code) == [.rotaryTableDifferent])
    #expect(diagnostics[0].expected == "within 0.001 of rope_base = 50000.0")
    let found = try #require(diagnostics[0].found)
    #expect(found.hasPrefix("F32, the largest difference is 0.5"))
    #expect(found.hasSuffix(" at position 2"))
    #expect(
      diagnostics[0].hint
        == "rope_base, head_dim or the table itself is wrong; remove the table to recompute it")
  }

  @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity])
  func `a table with a value that is not a number is refused`(value: Float) throws {
    for dtype in [DType.f32, .f16, .bf16] {
      let checkpoint = try withTable(dtype) { $0 == 23 ? value : $1 }
      let diagnostics = try checkpoint.storedCopyDiagnostics()
      #expect(diagnostics.map(\.code) == [.rotaryTableDifferent])
      #expect(
        diagnostics.first?.found
          == "\(dtype.rawValue), the largest difference is inf at position 5")
    }
  }

  @Test func `a table of another base is refused`() throws {
    var small = try SmallCheckpoint(ConfigText.smallest.setting("rope_base", "10000"))
    let rotary = RotaryTable(try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config))
    let values = (0..<6).flatMap { rotary.row(at: $0) }
    small.add(table, [1, 6, 1, 2, 2], values, to: "model.safetensors")
    #expect(try small.model().storedCopyDiagnostics().map(\.code) == [.rotaryTableDifferent])
  }

  // MARK: - The fixtures

  @Test func `the fixtures' copies are as they should be`() throws {
    let nano = try StoredModel(path: Fixtures.nano).storedCopyDiagnostics()
    #expect(nano.map(\.code) == [.rotaryTableStored])
    let tiny = try StoredModel(path: Fixtures.tiny).storedCopyDiagnostics()
    #expect(tiny.map(\.code) == [.rotaryTableStored, .headEqual])
  }

  @Test func `without a config nothing is compared`() throws {
    var small = try SmallCheckpoint()
    small.config = nil
    small.add(head, [16, 12], [Float](repeating: 0, count: 192), to: "model.safetensors")
    #expect(try small.model().storedCopyDiagnostics() == [])
  }

  @Test func `a tensor in two shards is a warning if both are the same, and otherwise refused`()
    throws
  {
    var small = try SmallCheckpoint(isSharded: true)
    let name = "transformer.adapter.weight"
    let map = small.weightMap
    let tensor = try #require(small.tensor(name))
    small.shards[SmallCheckpoint.shardNames[0]]?.append(tensor)
    small.weightMap = map
    let same = try small.model()
    #expect(same.findings == ["tensor-copied \(name)"])
    #expect(try same.valueDiagnostics(.everything) == [])
    var other = tensor
    other.bytes[7] ^= 1
    small.shards[SmallCheckpoint.shardNames[0]]?.removeLast()
    small.shards[SmallCheckpoint.shardNames[0]]?.append(other)
    let differing = try small.model()
    for check in [ValueCheck.storedCopies, .rotaryTable, .everything] {
      #expect(try differing.valueDiagnostics(check).map(\.code) == [.tensorDuplicate])
    }
  }
}
