import FileAccess
import Kernels
import Safetensors
import TestSupport
import Tensors
import Testing

/// ggml's blocks against those of its reference quantizers.
struct BlocksTests {
  private let file: SafetensorsFile

  init() throws { file = try SafetensorsFile(path: Fixtures.path("vectors/blocks.safetensors")) }

  private func bytes(_ name: String) throws -> [UInt8] {
    let entry = try #require(file.header.entries.first { $0.tensor.name == name })
    let start = file.dataOffset + entry.dataRange.lowerBound
    return try file.file.read(at: start, count: entry.dataRange.count)
  }

  private func encoded(_ values: [Float], _ format: BlockFormat) -> (blocks: [UInt8], Float) {
    var blocks = [UInt8](repeating: 99, count: format.byteCount(ofElements: values.count))
    var span = blocks.mutableSpan
    let largest = Scalar.encodeBlocks(values.span, as: format, into: &span)
    return (blocks, largest)
  }

  @Test(arguments: [(BlockFormat.q8_0, "q8_0"), (.q4_0, "q4_0")])
  func `blocks are those of ggml's reference quantizer, bit for bit`(
    format: BlockFormat, name: String
  ) throws {
    let source = try bytes("values")
    let values = stride(from: 0, to: source.count, by: 4).map { index in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(source[index + $1]) << (8 * $1) })
    }
    let expected = try bytes(name)
    #expect(encoded(values, format).blocks == expected)
  }

  @Test func `Q4_0 rounds halves up, where int4 rounds them to even`() {
    // −8 makes the scale 1.
    let halves: [Float] = [-8, -7.5, -6.5, -0.5, 0.5, 1.5, 6.5, 7.5, 8]
    let values = halves + [Float](repeating: 0, count: 23)
    let (block, _) = encoded(values, .q4_0)
    #expect(block.prefix(2) == [0x00, 0x3C])
    #expect(block[2..<11].map { Int($0 & 15) - 8 } == [-8, -7, -6, 0, 1, 2, 7, 7, 7])
    #expect(
      halves.map { Int(Scalar.int4Code($0, scale: 1)) } == [-8, -8, -6, 0, 0, 2, 6, 7, 7])
  }

  @Test func `zeros have the scale −0 in Q4_0`() {
    let (block, _) = encoded([Float](repeating: 0, count: 32), .q4_0)
    #expect(block == [0x00, 0x80] + [UInt8](repeating: 0x88, count: 16))
  }

  @Test func `codes are rounded away from zero under the scale that was not rounded`() {
    // 127 makes the scale 1: halves are exact.
    let values =
      [127, 0.5, -0.5, 1.5, -1.5, 2.5, 126.5, 0.49999997] + [Float](repeating: 0, count: 24)
    let (block, largest) = encoded(values, .q8_0)
    #expect(largest == 127)
    #expect(block.prefix(2) == [0x00, 0x3C])
    #expect(
      block.dropFirst(2).prefix(8).map { Int8(bitPattern: $0) } == [127, 1, -1, 2, -2, 3, 127, 0])
  }

  @Test func `where the scale has no reciprocal all codes are 0`() {
    let values = [Float](repeating: 0x1p-149, count: 32)
    #expect(encoded(values, .q8_0) == ([UInt8](repeating: 0, count: 34), 0x1p-149))
    let nibbles = [0x00, 0x80] + [UInt8](repeating: 0x88, count: 16)
    #expect(encoded(values, .q4_0) == (nibbles, 0x1p-149))
  }

  @Test func `a count that is not a multiple of 32 traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = BlockFormat.q8_0.byteCount(ofElements: 33)
    }
  }
}
