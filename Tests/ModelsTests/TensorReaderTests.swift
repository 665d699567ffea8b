import Checkpoint
import Models
import FileAccess
import Foundation
import TestSupport
import Tensors
import Testing

struct TensorReaderTests {
  private static let name = "transformer.wte.weight"

  /// A checkpoint whose first tensor has these bytes; the others do not matter.
  private func checkpoint(
    _ dtype: String, _ shape: [Int], _ bytes: [UInt8], in directory: TemporaryDirectory
  ) throws -> StoredModel {
    var builder = SafetensorsBuilder()
    builder.add("first", "U8", [3], bytes: [1, 2, 3])
    builder.add(Self.name, dtype, shape, bytes: bytes)
    builder.add("last", "U8", [3], bytes: [4, 5, 6])
    return try StoredModel(path: try directory.write("model.safetensors", builder.bytes))
  }

  private func reader(
    _ dtype: String, _ shape: [Int], _ bytes: [UInt8], in directory: TemporaryDirectory
  ) throws -> TensorReader {
    let checkpoint = try checkpoint(dtype, shape, bytes, in: directory)
    return TensorReader(try #require(checkpoint.tensors[Self.name]))
  }

  @Test func `F32 is read bit by bit`() throws {
    let directory = try TemporaryDirectory()
    let bits: [UInt32] = [0x3F80_0000, 0xC000_0000, 1, 0x7F7F_FFFF, 0x8000_0000, 0x7FC0_1234]
    let bytes = bits.flatMap { SafetensorsBuilder.littleEndian($0) }
    var reader = try reader("F32", [2, 3], bytes, in: directory)
    var values: [Float] = []
    try reader.read(0..<2, into: &values)
    #expect(values.map(\.bitPattern) == bits)
    #expect(reader.tensor.dtype == .f32)
    #expect(reader.tensor.shape == Shape(2, 3))
  }

  @Test func `F16 and BF16 are widened to their values`() throws {
    let directory = try TemporaryDirectory()
    let halves: [(String, [UInt16], [Float])] = [
      (
        "F16", [0x3C00, 0xC000, 0x0001, 0x7BFF, 0x8000, 0x7C00],
        [1, -2, 0x1p-24, 65504, -0.0, .infinity]
      ),
      (
        "BF16", [0x3F80, 0xC000, 0x0001, 0x7F7F, 0x8000, 0xFF80],
        [1, -2, 0x1p-133, 0x1.FEp127, -0.0, -.infinity]
      ),
    ]
    for (dtype, bits, expected) in halves {
      let bytes = bits.flatMap { SafetensorsBuilder.littleEndian($0) }
      var reader = try reader(dtype, [6], bytes, in: directory)
      var values: [Float] = []
      try reader.read(0..<1, into: &values)
      #expect(values.map(\.bitPattern) == expected.map(\.bitPattern), "\(dtype)")
    }
  }

  @Test(arguments: ["F32", "F16", "BF16"])
  func `any run of rows is read, in any order, into one buffer`(dtype: String) throws {
    let directory = try TemporaryDirectory()
    let whole = (0..<24).map { Float($0) }
    let bytes = whole.flatMap { value in
      switch dtype {
      case "F32": SafetensorsBuilder.littleEndian(value.bitPattern)
      case "F16": SafetensorsBuilder.littleEndian(value.f16Bits)
      default: SafetensorsBuilder.littleEndian(value.bf16Bits)
      }
    }
    var reader = try reader(dtype, [4, 6], bytes, in: directory)
    var values: [Float] = [99]
    for rows in [0..<4, 3..<4, 0..<0, 1..<3, 0..<4] {
      try reader.read(rows, into: &values)
      let range = 6 * rows.lowerBound..<6 * rows.upperBound
      #expect(values == Array(whole[range]), "\(rows)")
      #expect(reader.bytes.byteCount == bytes.count / 24 * range.count)
    }
  }

  @Test func `a shard that is cut after it was opened is an error`() throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8](repeating: 0, count: 400)
    var reader = try reader("F32", [10, 10], bytes, in: directory)
    let path = directory("model.safetensors")
    let size = try directory.bytes("model.safetensors").count
    try #require(truncate(path, size - 23) == 0)
    var values: [Float] = []
    try reader.read(0..<9, into: &values)
    let offset = size - 403 + 4 * 90
    let error = #expect(
      throws: FileError.ended(path: path, byteOffset: offset, needed: 40, available: 20)
    ) {
      try reader.read(9..<10, into: &values)
    }
    #expect(
      error?.description
        == "'\(path)' changed while being read: expected 40 bytes at byte \(offset), found 20; "
        + "run again when nothing writes to it")
  }

  @Test(arguments: ["huginn-nano", "huginn-tiny"])
  func `the fixtures' rotary tables are read as an independent reader does`(name: String) throws {
    let checkpoint = try StoredModel(path: Fixtures.path("checkpoints/\(name)"))
    let stored = try #require(checkpoint.tensors[SmallCheckpoint.tableName])
    var reader = TensorReader(stored)
    var values: [Float] = []
    try reader.read(0..<stored.shape.rows, into: &values)
    let shard = Path.name(of: stored.file.path)
    #expect(
      try values
        == Fixtures.floats(SmallCheckpoint.tableName, in: "checkpoints/\(name)/\(shard)"))
  }

  // MARK: - Tiles

  @Test(
    arguments: [
      ([4, 6], 12, [0..<2, 2..<4]), ([4, 6], 13, [0..<2, 2..<4]), ([4, 6], 24, [0..<4]),
      ([4, 6], 1, [0..<1, 1..<2, 2..<3, 3..<4]), ([5, 6], 12, [0..<2, 2..<4, 4..<5]),
      ([7], 3, [0..<1]), ([2, 1, 3, 4], 8, [0..<2, 2..<4, 4..<6]), ([], 10, [0..<1]),
      ([0, 6], 10, []), ([6, 0], 10, []),
    ] as [([UInt64], Int, [Range<Int>])])
  func `tiles are whole rows that cover the tensor`(
    dimensions: [UInt64], size: Int, tiles: [Range<Int>]
  ) throws {
    #expect(try Shape(dimensions).tiles(of: size) == tiles)
  }

  @Test func `a tile has no more rows than its limit, and tiles cover some rows alone`() {
    let narrow = Shape(10, 1)
    #expect(narrow.tiles(of: 100, rowLimit: 4) == [0..<4, 4..<8, 8..<10])
    #expect(Shape(10_000, 1).tiles().map(\.count) == [4096, 4096, 1808])
    #expect(narrow.tiles(of: 3, in: 2..<9) == [2..<5, 5..<8, 8..<9])
    #expect(narrow.tiles(in: 5..<5) == [])
  }
}
