import Foundation
import HuginnModel
import TestSupport
import Tensors
import Testing

struct RotaryTableTests {
  @Test(arguments: ["huginn-nano/model", "huginn-tiny/model-00001-of-00003"])
  func `the table is the one that the reference stored`(file: String) throws {
    let folder = file.prefix { $0 != "/" }
    let bytes = try Fixtures.bytes("checkpoints/\(folder)/config.json")
    let config = try #require(HuginnConfig.parse(bytes).config)
    let stored = try Fixtures.floats("freqs_cis", in: "checkpoints/\(file).safetensors")
    let table = RotaryTable(config)
    #expect(stored.count == config.contextLength * table.columns)
    let computed = (0..<config.contextLength).flatMap { table.row(at: $0) }
    let largest = zip(stored, computed).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(largest < 1e-6, "the largest difference is \(largest)")
  }

  @Test func `a row is the cosine and sine of each pair's angle`() throws {
    let config = try ConfigText.smallest.setting("rope_base", "10000").config()
    let table = RotaryTable(config)
    #expect(table.columns == 4)
    #expect(table.row(at: 0) == [1, 0, 1, 0])
    // head_dim 4: frequencies 1 and 10000^(−2/4) = 0.01.
    let angle = Double(Float(3) * (1 / Float(100)))
    #expect(
      table.row(at: 3)
        == [Float(cos(3.0)), Float(sin(3.0)), Float(cos(angle)), Float(sin(angle))])
  }

  @Test func `frequencies fall from 1 to nearly 1 over the base`() throws {
    let table = RotaryTable(try ConfigText.release.config())
    #expect(table.columns == 96)
    let row = table.row(at: 1)
    #expect(row[0] == Float(cos(1.0)))
    let slowest = Double(1 / Float(pow(50000, 94.0 / 96)))
    #expect(row[95] == Float(sin(slowest)))
    #expect((2e-5...2.6e-5).contains(row[95]))
    let angles = stride(from: 1, to: 96, by: 2).map { row[$0] }
    #expect(zip(angles, angles.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func `a late position is rounded as the reference rounds it`() throws {
    // In binary32 4095 · f is not what binary64 gives; the table follows binary32.
    let table = RotaryTable(try ConfigText.release.config())
    let frequency = 1 / Float(pow(50000, 2.0 / 96))
    let angle = Float(4095) * frequency
    #expect(table.row(at: 4095)[2] == Float(cos(Double(angle))))
    #expect(Double(angle) != 4095 / pow(50000, 2.0 / 96))
  }

  @Test func `a stored table may be off by the rounding of its dtype`() {
    #expect(RotaryTable.tolerance(storedIn: .f32) == 1e-3)
    #expect(RotaryTable.tolerance(storedIn: .f16) == 1e-3)
    #expect(RotaryTable.tolerance(storedIn: .bf16) == 5e-3)
  }
}
