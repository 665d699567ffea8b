import Foundation
import Checkpoint
import Models
import FileAccess
import HuginnModel
import Parallelism
import TestSupport
import Tensors
import Testing

struct ValueDiagnosticsTests {
  private let matrix = "transformer.core_block.1.mlp.fc.weight"  // [40, 12]
  private let norm = "transformer.prelude.0.norm_2.weight"  // [12]
  private let embedding = "transformer.wte.weight"  // [16, 12]

  /// A checkpoint in one file, in which values of tensors are replaced.
  private func checkpoint(
    _ changes: [String: [Int: Float]], config: ConfigText = .smallest
  ) throws -> StoredModel {
    var small = try SmallCheckpoint(config)
    for (name, values) in changes { small.set(values, of: name) }
    return try small.model()
  }

  private func findings(
    _ changes: [String: [Int: Float]], config: ConfigText = .smallest
  ) throws -> [Diagnostic] {
    try checkpoint(changes, config: config).valueDiagnostics(.everything)
  }

  private func zeros(_ range: Range<Int>) -> [Int: Float] {
    Dictionary(uniqueKeysWithValues: range.map { ($0, 0) })
  }

  @Test func `ordinary values have no finding`() throws {
    #expect(try findings([:]) == [])
  }

  // MARK: - NaN and infinity

  @Test(arguments: [Float.nan, -.nan, .signalingNaN, .infinity, -.infinity])
  func `NaNs are counted, and the first one's place in the file is named`(
    value: Float
  ) throws {
    let checkpoint = try checkpoint([matrix: [12 * 5 + 7: value, 12 * 5 + 8: .infinity, 479: .nan]])
    let start = try #require(checkpoint.tensors[matrix]).byteRange.lowerBound
    #expect(
      try checkpoint.valueDiagnostics(.everything) == [
        Diagnostic(
          .valueNotFinite, subject: matrix, expected: "finite values",
          found: "3, the first at row 5, column 7, byte \(start + 4 * 67) of model.safetensors",
          hint:
            "the file is damaged or training diverged: verify its checksum, or download it again")
      ])
  }

  @Test(arguments: [("BF16", 0x7F80), ("F16", 0xFC00)] as [(String, UInt16)])
  func `so is one in 16 bits`(dtype: String, bits: UInt16) throws {
    var small = try SmallCheckpoint()
    small.edit(matrix) { tensor in
      tensor.dtype = dtype
      tensor.bytes = (0..<480).flatMap {
        SafetensorsBuilder.littleEndian($0 == 25 ? bits : 0x3C00)
      }
    }
    let checkpoint = try small.model()
    let start = try #require(checkpoint.tensors[matrix]).byteRange.lowerBound
    #expect(
      try checkpoint.valueDiagnostics(.everything).map(\.found) == [
        "1, the first at row 2, column 1, byte \(start + 50) of model.safetensors"
      ])
  }

  @Test func `a tensor of higher rank counts rows over all dimensions`() throws {
    // [2, 1, 3, 4]
    let found = try findings(["transformer.coda.0.attn.qk_bias": [14: .nan]]).map(\.found)
    #expect(found.count == 1)
    #expect(found.first??.hasPrefix("1, the first at row 3, column 2, byte ") == true)
  }

  // MARK: - Zeros

  @Test func `a norm of zeros is an error`() throws {
    let findings = try findings([norm: zeros(0..<12)])
    #expect(
      findings == [
        Diagnostic(
          .normZero, subject: norm, expected: "weights near 1", found: "zeros",
          hint: "a zero norm erases its stream: the file is damaged or was never filled")
      ])
    #expect(findings.first?.severity == .error)
    #expect(try self.findings([norm: zeros(0..<11)]) == [])
  }

  @Test(arguments: ["transformer.adapter.bias", "transformer.prelude.0.attn.qk_bias"])
  func `a bias of zeros is not a finding`(name: String) throws {
    let count = name.hasSuffix("qk_bias") ? 24 : 12
    #expect(
      try findings(
        [name: zeros(0..<count)], config: ConfigText.smallest.setting("bias", "true")) == [])
  }

  @Test func `a matrix of zeros is a warning of its own`() throws {
    let findings = try findings([matrix: zeros(0..<480)])
    #expect(
      findings == [
        Diagnostic(
          .tensorZero, subject: matrix, found: "zeros only",
          hint: "the file may be sparse or truncated: verify its checksum")
      ])
    #expect(findings.first?.severity == .warning)
  }

  @Test func `rows of zeros are counted`() throws {
    var values = zeros(12 * 7..<12 * 9)
    values[12 * 8 + 3] = -0.0
    let findings = try findings([matrix: values, embedding: zeros(180..<192)])
    #expect(
      findings == [
        Diagnostic(
          .rowZero, subject: embedding, found: "1 of 16, the first is row 15",
          hint: "harmless in the padding of a vocabulary, suspicious elsewhere"),
        Diagnostic(
          .rowZero, subject: matrix, found: "2 of 40, the first is row 7",
          hint: "harmless in the padding of a vocabulary, suspicious elsewhere"),
      ])
    #expect(findings.first?.severity == .warning)
  }

  // MARK: - Range

  @Test func `values beyond binary16 are information, wherever they are`() throws {
    let findings = try findings([matrix: [13: 65520, 14: -70000], norm: [2: 1e30]])
    #expect(
      findings == [
        Diagnostic(
          .valueBeyondF16, subject: norm,
          found: "1, the first at row 0, column 2, the largest is \(Float(1e30))",
          hint: "f16 cannot hold them: choose bf16 or int8 for this tensor"),
        Diagnostic(
          .valueBeyondF16, subject: matrix,
          found: "2, the first at row 1, column 1, the largest is 70000.0",
          hint: "f16 cannot hold them: choose bf16 or int8 for this tensor"),
      ])
    #expect(!findings.containErrors)
    #expect(try self.findings([matrix: [13: Float(65520).nextDown]]) == [])
  }

  @Test func `one tensor may have several findings`() throws {
    let values = zeros(0..<12).merging([20: .nan, 30: 1e6]) { $1 }
    #expect(
      try findings([matrix: values]).map(\.code) == [.valueNotFinite, .rowZero, .valueBeyondF16])
  }

  // MARK: - Stored copies on the way

  /// A checkpoint that stores a head and a rotary table, its embedding changed alike in both.
  private func withCopies(
    _ change: [Int: Float] = [:], head: [Int: Float]? = nil
  ) throws -> StoredModel {
    var small = try SmallCheckpoint()
    small.set(change, of: embedding)
    let tensor = try #require(small.tensor(embedding))
    small.add(SmallCheckpoint.headName, [16, 12], [], to: "model.safetensors")
    small.edit(SmallCheckpoint.headName) { $0.bytes = tensor.bytes }
    small.set(head ?? [:], of: SmallCheckpoint.headName)
    let config = try #require(HuginnConfig.parse(ConfigText.smallest.bytes).config)
    let table = RotaryTable(config)
    small.add(
      SmallCheckpoint.tableName, [1, 6, 1, 2, 2], (0..<6).flatMap { table.row(at: $0) },
      to: "model.safetensors")
    return try small.model()
  }

  @Test func `the embedding is scanned while its copy is compared`() throws {
    let checkpoint = try withCopies([3: .infinity])
    #expect(
      try checkpoint.valueDiagnostics(.everything).map { "\($0.code.rawValue) \($0.subject)" }
        == [
          "rotary-table-stored freqs_cis", "value-not-finite transformer.wte.weight",
          "head-equal lm_head.weight",
        ])
    #expect(
      try checkpoint.valueDiagnostics(.storedCopies).map(\.code)
        == [.rotaryTableStored, .headEqual])
    #expect(try checkpoint.valueDiagnostics(.rotaryTable).map(\.code) == [.rotaryTableStored])
  }

  @Test func `a NaN in both is not a difference of the head`() throws {
    let checkpoint = try withCopies([3: .nan])
    #expect(
      try checkpoint.valueDiagnostics(.storedCopies).map(\.code)
        == [.rotaryTableStored, .headEqual])
    let other = try withCopies([3: .nan], head: [9: 4])
    #expect(
      try other.valueDiagnostics(.storedCopies).last?.found
        == "the first difference at row 0, column 9")
    let one = try withCopies(head: [14: .nan])
    #expect(
      try one.valueDiagnostics(.storedCopies).last?.found
        == "the first difference at row 1, column 2")
  }

  // MARK: - Reading

  @Test func `every value is read once, and findings do not depend on threads`() throws {
    let checkpoint = try withCopies([3: .infinity, 100: 1e9])
    let stored = checkpoint.tensors.values.reduce(0) { $0 + $1.byteRange.count }
    #expect(checkpoint.valueByteCount(.everything) == stored)
    #expect(checkpoint.valueByteCount(.storedCopies) == 2 * 768 + 96)
    #expect(checkpoint.valueByteCount(.rotaryTable) == 96)
    for check in [ValueCheck.everything, .storedCopies, .rotaryTable] {
      var findings: [[Diagnostic]] = []
      for count in [1, 4] {
        let counter = ByteCounter()
        let monitor = Monitor(advance: { counter.add($0) }, isCancelled: { false })
        findings.append(
          try checkpoint.valueDiagnostics(check, workers: Workers(count: count), monitor: monitor))
        #expect(counter.total == checkpoint.valueByteCount(check))
      }
      #expect(!findings[0].isEmpty)
      #expect(findings[0] == findings[1])
    }
  }

  @Test func `findings come in the order of the model`() throws {
    let names = ["transformer.ln_f.weight", matrix, norm, embedding]
    let findings = try findings(Dictionary(uniqueKeysWithValues: names.map { ($0, [0: .nan]) }))
    #expect(findings.map(\.subject) == [embedding, norm, matrix, "transformer.ln_f.weight"])
  }

  @Test func `what cannot be read is left to the layout check`() throws {
    var small = try SmallCheckpoint()
    small.edit(matrix) { tensor in
      tensor.dtype = "I32"
    }
    small.set([0: .nan], of: norm)
    small.edit(norm) { $0.shape = [3, 4] }
    let checkpoint = try small.model()
    #expect(try checkpoint.valueDiagnostics(.everything) == [])
    #expect(checkpoint.valueByteCount(.everything) == small.tensorByteCount - 480 * 4 - 12 * 4)
  }

  @Test func `without a config nothing is read`() throws {
    var small = try SmallCheckpoint()
    small.config = nil
    let checkpoint = try small.model()
    #expect(checkpoint.valueByteCount(.everything) == 0)
    #expect(try checkpoint.valueDiagnostics(.everything) == [])
  }

  @Test func `whoever watches can stop it`() throws {
    let checkpoint = try withCopies()
    let monitor = Monitor(advance: { _ in }, isCancelled: { true })
    for check in [ValueCheck.everything, .storedCopies, .rotaryTable] {
      #expect(throws: ReadingError.cancelled) {
        try checkpoint.valueDiagnostics(check, monitor: monitor)
      }
    }
  }

  // MARK: - What the index counts

  @Test func `a shard that is cut while its values are looked at is an error`() throws {
    let small = try SmallCheckpoint()
    let model = try small.model()
    let path = small.directory("model.safetensors")
    try #require(truncate(path, try small.directory.bytes("model.safetensors").count - 1) == 0)
    #expect {
      try model.valueDiagnostics(.everything)
    } throws: { error in
      if case ReadingError.file(FileError.ended) = error { true } else { false }
    }
  }

  @Test func `a wrong total size is a warning with both numbers`() throws {
    let small = try SmallCheckpoint(isSharded: true)
    let count = small.tensorByteCount
    #expect(try StoredModel(path: small.write(totalSize: "\(count)").path).diagnostics == [])
    for wrong in [count + 1, count / 2, 0, -1, .min, .max] {
      let diagnostics = try StoredModel(path: small.write(totalSize: "\(wrong)").path).diagnostics
      #expect(
        diagnostics == [
          Diagnostic(
            .indexTotalSize, subject: "model.safetensors.index.json",
            expected: "\(count) bytes", found: "total_size \(wrong)",
            hint: "harmless for conversion; the index was edited or written by a tool that counts "
              + "differently")
        ])
      #expect(diagnostics.first?.severity == .warning)
    }
  }
}

extension SmallCheckpoint {
  /// Replaces elements of an F32 tensor.
  fileprivate mutating func set(_ values: [Int: Float], of name: String) {
    edit(name) { tensor in
      for (index, value) in values {
        tensor.bytes.replaceSubrange(
          4 * index..<4 * index + 4, with: SafetensorsBuilder.littleEndian(value.bitPattern))
      }
    }
  }
}
